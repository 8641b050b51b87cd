"""Many chunks through a few workers: in order, a bounded number at a time."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from flows.scoring.chunk import Chunk, Part, Recipe, score_chunk, scorer_of


class Pending(Protocol):
    """A part that is being made: a future of any engine."""

    def result(self) -> Part: ...


Submit = Callable[[Chunk], Pending]


def scored(chunks: Iterable[Chunk], submit: Submit, *, ahead: int) -> Iterator[Part]:
    """The parts of `chunks` in their order, with at most `ahead` of them in memory."""
    pending: deque[Pending] = deque()
    for chunk in chunks:
        pending.append(submit(chunk))
        if len(pending) >= ahead:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


@contextmanager
def processes(model: str, recipe: Recipe, workers: int) -> Iterator[Submit]:
    """Worker processes on this host; `model` is the path of the saved model."""
    # Not forked: the parent has threads. Each worker keeps to one thread of its own.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        yield lambda chunk: pool.submit(score_with, chunk, model, recipe)


def score_with(chunk: Chunk, model: str, recipe: Recipe) -> Part:
    """Score a chunk with the saved model at a path."""
    return score_chunk(chunk, scorer_of(model), recipe)


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
