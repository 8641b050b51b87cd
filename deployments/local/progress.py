"""Progress lines: each step with its time, as it ends; the times are kept for the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO

STEP_WIDTH: Final = 52


@dataclass(frozen=True, slots=True)
class Step:
    """One finished step: when it ended since the start of the command, and how long it took, seconds."""

    name: str
    ended: float
    seconds: float


@dataclass(slots=True)
class Progress:
    """Writes one line per finished step. `began` is the reading of `clock` when the command began."""

    out: TextIO
    clock: Callable[[], float]
    began: float
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the body and report it when it ends well."""
        began = self.clock()
        yield
        self.done(name, since=began)

    def done(self, name: str, *, since: float) -> None:
        now = self.clock()
        finished = Step(name=name, ended=now - self.began, seconds=now - since)
        self.steps.append(finished)
        self.say(f"[{finished.ended:6.1f} s] {name:<{STEP_WIDTH}} {finished.seconds:6.1f} s")

    def say(self, line: str) -> None:
        self.out.write(f"{line}\n")
        self.out.flush()
