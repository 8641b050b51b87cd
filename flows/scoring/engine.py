"""Many chunks through a few workers: in order, a bounded number at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from joblib.externals.loky import ProcessPoolExecutor

from flows.scoring.chunk import Chunk, Part, ScoreConfig, score_chunk, scorer_of


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
def processes(model: str, config: ScoreConfig, workers: int) -> Iterator[Submit]:
    """Worker processes on this host; `model` is the path of the saved model.

    Loky's, because the standard library's import the parent's main module: Prefect's engine, 150 MB each.
    """
    with ProcessPoolExecutor(workers, env={"OMP_NUM_THREADS": "1"}) as pool:
        yield lambda chunk: pool.submit(score_saved, chunk, model, config)


def score_saved(chunk: Chunk, model: str, config: ScoreConfig) -> Part:
    """Score a chunk with the saved model at a path."""
    return score_chunk(chunk, scorer_of(model), config)
