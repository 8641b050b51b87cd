"""What the trees of each head see of the training wines: the same inputs as `Scorer.see` gives.

Every figure that stems from other wines' prices comes from a fit that never saw the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing import encodings, heads, producers
from pricing.heads import Head
from pricing.producers import Cellar
from pricing.training_rows import Codes, Floats, Given, Rows

Singles = npt.NDArray[np.float32]

WATCHED: Final = 400
MANY: Final = 20_000
"""With fewer rows no word is watched: trees would take chance for its meaning."""

FEW: Final = 60
"""A head with fewer rows of its own learns from all of them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Held-out log prices (n,): by the linear model and the networks on the required fields, and by
    each head's linear model on its copies of the rows. `statistics` (n, encodings.WIDTH).
    """

    required: Floats
    networks: Floats
    bases: Mapping[Head, Sequence[Floats]]
    statistics: Floats


@dataclass(frozen=True, slots=True)
class Cellars:
    """The rows as each kernel sees them, without and with points, and each producer's rows."""

    known: tuple[Cellar, Cellar]
    residuals: tuple[Floats, Floats]
    groups: Mapping[int, npt.NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Sights:
    """A head's training rows: inputs (m, DENSE), start and target (m,), fields given (m, 5), and
    which of the wines each is (m,).
    """

    inputs: Floats
    start: Floats
    target: Floats
    given: Given
    origin: npt.NDArray[np.intp]


def cellars_of(rows: Rows, bases: Mapping[Head, Sequence[Floats]]) -> Cellars:
    """The wines of each producer, with what the linear models leave of their prices."""
    without, with_points = bases[Head.NAMES][0], bases[Head.FULL][0]
    return Cellars(
        known=(_cellar(rows, without), _cellar(rows, with_points)),
        residuals=(rows.target - without, rows.target - with_points),
        groups=producers.members(rows.codes[:, 3]),
    )


def sights_of(rows: Rows, head: Head, copies: Sequence[Given], heard: Heard, cellars: Cellars) -> Sights:
    """The head's rows, copy after copy."""
    parts = [
        _copy(rows, head, given, base=base, heard=heard, cellars=cellars)
        for given, base in zip(copies, heard.bases[head], strict=True)
    ]
    return Sights(
        inputs=np.concatenate([part.inputs for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        target=np.concatenate([part.target for part in parts]),
        given=np.concatenate([part.given for part in parts]),
        origin=np.concatenate([part.origin for part in parts]),
    )


def watched_words(rows: Rows) -> Codes:
    """Columns of the most frequent words; none where there are few rows."""
    if len(rows.target) < MANY:
        return np.zeros(0, dtype=np.int64)
    counts = np.asarray((rows.matrix > 0).sum(axis=0)).ravel() * (rows.kinds == "w")
    most = np.argsort(-counts, kind="stable")[:WATCHED]
    return np.sort(most[counts[most] > 0]).astype(np.int64)


def with_words(rows: Rows, sights: Sights, watched: Codes) -> Singles:
    """The inputs and one more per watched word: whether the description holds it."""
    words = (rows.matrix[:, watched] > 0).astype(np.float32).toarray()
    return np.concatenate([sights.inputs.astype(np.float32), words[sights.origin]], axis=1)


def _copy(rows: Rows, head: Head, given: Given, *, base: Floats, heard: Heard, cellars: Cellars) -> Sights:
    keep = np.flatnonzero(heads.route_all(given) == int(head))
    if head is Head.MIXED or len(keep) < FEW:
        keep = np.arange(len(given))
    if head is Head.REQUIRED:
        start = (heard.required + heard.networks) / 2.0
        base = premium = support = np.full(len(given), np.nan)
    else:
        premium, support = _premiums(rows, given, base, cellars)
        start = base + np.where(support > 0, premium, 0.0)
    points = np.where(given[:, heads.POINTS], rows.points, np.nan)
    own = [heard.required, heard.networks, base, premium, support, rows.year, rows.length, rows.known, points]
    inputs = np.column_stack([*own, encodings.hide(heard.statistics, given)])
    return Sights(inputs[keep], start[keep], rows.target[keep], given[keep], keep)


def _premiums(rows: Rows, given: Given, base: Floats, cellars: Cellars) -> tuple[Floats, Floats]:
    """Premium and support (n,) from the producer's other wines; NaN where no producer is given."""
    premium, support = np.full(len(base), np.nan), np.full(len(base), np.nan)
    asked = _cellar(rows, base, given)
    for variant, kernel in enumerate(producers.KERNELS):
        of = given[:, heads.WINERY] & (given[:, heads.POINTS] == bool(variant))
        if of.any():
            found = producers.leave_one_out(
                kernel, cellars.known[variant], cellars.residuals[variant], cellars.groups, asked
            )
            premium[of], support[of] = found[0][of], found[1][of]
    return premium, support


def _cellar(rows: Rows, base: Floats, given: Given | None = None) -> Cellar:
    """The rows as a kernel sees them, told all optional fields or those `given`."""
    codes = np.stack([rows.codes[:, 2], rows.codes[:, 4], rows.designation])
    points = np.nan_to_num(rows.points)
    if given is not None:
        hidden = ~given[:, [heads.VARIETY, heads.REGION, heads.DESIGNATION]].T
        codes = np.where(hidden, -1, codes)
        points = np.where(given[:, heads.POINTS], points, 0.0)
    year = np.where(np.isnan(rows.year), rows.years[3], rows.year)
    return Cellar(codes, np.stack(producers.measure(year, points, base, rows.mean)))
