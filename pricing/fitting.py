"""How the model learns: linear models, networks, group means, producers, trees, intervals.

Whatever one layer hands to the next is cross-fitted: it comes from a fit that never saw the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing import encodings, heads, intervals, linear, network, producers, terms, trees
from pricing.heads import Head
from pricing.knowledge import ERROR, Knowledge, place_numbers, points_numbers
from pricing.normalise import FIRST_VINTAGE, fold
from pricing.producers import Cellar
from pricing.reading import Reading
from pricing.scorer import designation_code

Floats = npt.NDArray[np.float64]
Given = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]

FOLDS: Final = 4
EVERY_ROW: Final = -1
"""As the fold to leave out: none."""

WATCHED: Final = 400
FEW: Final = 60
"""A head with fewer rows of its own learns from all of them."""

ROWS_PER_LEAF: Final = 300
MANY: Final = 20_000
"""From this many rows on, two folds are enough to calibrate the intervals."""


@dataclass(frozen=True, slots=True)
class Options:
    """`alpha`: strength of the linear models' penalty. `min_count`: wines that must hold a word.
    `rounds` and `learning_rate`: of the trees. `seed` of every random choice; `jobs`: threads.
    """

    alpha: float
    min_count: int
    rounds: int
    learning_rate: float
    seed: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Rows:
    """The training rows: log price (n,), terms (n, t), numbers (n, 3 + 3), codes (n, 6),
    designation codes, vintage and points (n,), which optional fields are present (n, 5), folds.
    """

    target: Floats
    index: terms.TermIndex
    matrix: sparse.csr_matrix
    kinds: npt.NDArray[np.str_]
    numbers: Floats
    codes: npt.NDArray[np.int64]
    designation: npt.NDArray[np.int64]
    year: Floats
    points: Floats
    words: Floats
    known: Floats
    present: Given
    folds: npt.NDArray[np.int64]
    years: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One head's linear model, cross-fitted on its copies of the rows."""

    held_out: list[Floats]
    weights: Floats
    intercept: float


def rows_of(
    readings: Sequence[Reading],
    target: Floats,
    names: dict[str, tuple[str, ...]],
    rng: np.random.Generator,
    options: Options,
) -> Rows:
    """Read the training wines into arrays."""
    known_years = sorted(reading.year for reading in readings if reading.year is not None) or [2010]
    years = (known_years[0], known_years[-1], known_years[-1], known_years[len(known_years) // 2])
    index = terms.TermIndex.learn(readings, options.min_count)
    matrix = index.matrix(readings)
    kinds = index.kinds()
    numbers = [[*place_numbers(reading, years), *points_numbers(reading.points)] for reading in readings]
    textual = np.isin(kinds, ["w", "w2"])
    return Rows(
        target=target,
        index=index,
        matrix=matrix,
        kinds=kinds,
        numbers=np.array(numbers),
        codes=_codes(readings, names),
        designation=np.array([designation_code(reading.designation) for reading in readings], dtype=np.int64),
        year=np.array(
            [np.nan if reading.year is None else reading.year for reading in readings], dtype=np.float64
        ),
        points=np.array(
            [np.nan if reading.points is None else reading.points for reading in readings], dtype=np.float64
        ),
        words=np.log1p([len(reading.words) for reading in readings]),
        known=np.asarray((matrix[:, textual] > 0).sum(axis=1), dtype=np.float64).ravel(),
        present=np.array(
            [
                [bool(r.variety), bool(r.winery), bool(r.region), bool(r.designation), r.points is not None]
                for r in readings
            ]
        ),
        folds=rng.permutation(np.arange(len(target)) % FOLDS),
        years=years,
    )


def learn(
    rows: Rows, names: dict[str, tuple[str, ...]], rng: np.random.Generator, options: Options
) -> Knowledge:
    """Fit every layer."""
    copies = {head: heads.hidings(rows.present, head, rng) for head in Head}
    with ThreadPoolExecutor(options.jobs) as pool:
        lines = dict(
            zip(Head, pool.map(lambda head: _line(rows, copies[head], options.alpha), Head), strict=True)
        )
        ensemble, heard = _networks(rows, options.seed, pool.map)
    statistics, table = encodings.cross_fit(rows.codes, rows.target, rows.target - heard, rows.folds)
    bases = (lines[Head.NAMES].held_out[0], lines[Head.FULL].held_out[0])
    groups = producers.members(rows.codes[:, 3])
    known = (_cellar(rows, bases[0]), _cellar(rows, bases[1]))
    watched = _watched(rows)
    forest: dict[str, str] = {}
    seen: list[tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]] = []
    for head in Head:
        inputs, starts, target, given, origin = _inputs(
            rows, head, copies[head], lines, heard, statistics, known, groups
        )
        wide = inputs.astype(np.float32)
        if head is Head.REQUIRED:
            wide = np.concatenate([wide, _words(rows, watched, origin)], axis=1)
        forest[head.name], held_out = _forest(wide, target - starts, rows.folds[origin], head, options)
        routed = (heads.route_all(given) == int(head)) & ~np.isnan(held_out)
        seen.append(
            (
                np.column_stack([inputs, starts + held_out, np.full(len(inputs), int(head))])[routed],
                (target - starts - held_out)[routed],
                rows.folds[origin][routed],
                heads.cells_of(given)[routed],
            )
        )
    forest[ERROR], calibration = _uncertainty(seen, options)
    scale = linear.column_scale(rows.kinds)
    count = len(scale)
    return Knowledge(
        names=names,
        index=rows.index,
        ridge=np.column_stack([lines[head].weights[:count] * scale for head in Head]),
        ridge_numbers=np.column_stack([lines[head].weights[count:] for head in Head]),
        ridge_intercepts=np.array([lines[head].intercept for head in Head]),
        network=ensemble,
        encodings=table,
        producers=producers.remember(
            known, (rows.target - bases[0], rows.target - bases[1]), groups, len(names["winery"])
        ),
        watched=watched,
        trees=forest,
        calibration=calibration,
        years=rows.years,
    )


def _codes(readings: Sequence[Reading], names: dict[str, tuple[str, ...]]) -> npt.NDArray[np.int64]:
    codes = {field: {fold(name): code for code, name in enumerate(known)} for field, known in names.items()}
    return np.array(
        [
            [
                codes["country"].get(r.country, -1),
                codes["province"].get(r.province, -1),
                codes["variety"].get(r.variety, -1),
                codes["winery"].get(r.winery, -1),
                codes["region"].get(r.region, -1),
                -1 if r.year is None else r.year - FIRST_VINTAGE,
            ]
            for r in readings
        ],
        dtype=np.int64,
    )


def _line(rows: Rows, copies: list[Given], alpha: float) -> Line:
    inputs = [
        linear.with_numbers(
            terms.keep_given(rows.matrix, rows.kinds, given), _numbers(rows, given), rows.kinds
        )
        for given in copies
    ]
    held_out, weights, intercept = linear.cross_fit(inputs, rows.target, rows.folds, alpha)
    return Line(held_out, weights, intercept)


def _numbers(rows: Rows, given: Given) -> Floats:
    numbers = rows.numbers.copy()
    numbers[~given[:, heads.POINTS], 3:] = 0.0
    return numbers


def _networks(rows: Rows, seed: int, run: Callable[..., object]) -> tuple[network.Ensemble, Floats]:
    """Networks per fold, and what each hears in the rows it never saw: log price (n,)."""
    mean = float(rows.target.mean())
    required = rows.matrix[:, : rows.index.required].astype(np.float32)
    numbers = rows.numbers[:, :3].astype(np.float32)
    heard = np.zeros(len(rows.target))

    def fit(fold: int) -> network.Network:
        rest = np.flatnonzero(rows.folds != fold)
        return network.train(required[rest], numbers[rest], rows.target[rest] - mean, seed * FOLDS + fold)

    trained: list[network.Network] = list(run(fit, range(FOLDS)))  # type: ignore[call-overload]
    for fold, net in enumerate(trained):
        own = rows.folds == fold
        heard[own] = net.forward(required[own], numbers[own])[0] + mean
    return network.Ensemble.of(trained, mean), heard


def _cellar(rows: Rows, base: Floats, given: Given | None = None) -> Cellar:
    """The rows as the producers' kernel sees them, `given` some of the optional fields."""
    codes = np.stack([rows.codes[:, 2], rows.codes[:, 4], rows.designation])
    points = np.nan_to_num(rows.points)
    if given is not None:
        hidden = ~given[:, [heads.VARIETY, heads.REGION, heads.DESIGNATION]].T
        codes = np.where(hidden, -1, codes)
        points = np.where(given[:, heads.POINTS], points, 0.0)
    year = np.where(np.isnan(rows.year), rows.years[3], rows.year)
    return Cellar(codes, np.stack(producers.measure(year, points, base, float(rows.target.mean()))))


def _inputs(
    rows: Rows,
    head: Head,
    copies: list[Given],
    lines: dict[Head, Line],
    heard: Floats,
    statistics: Floats,
    known: tuple[Cellar, Cellar],
    groups: dict[int, npt.NDArray[np.intp]],
) -> tuple[Floats, Floats, Floats, Given, npt.NDArray[np.intp]]:
    """Inputs of a head's trees, start and target, fields given and row of origin, copy after copy."""
    parts = []
    required = lines[Head.REQUIRED].held_out[0]
    for given, base in zip(copies, lines[head].held_out, strict=True):
        keep = np.flatnonzero(heads.route_all(given) == int(head))
        if head is Head.MIXED or len(keep) < FEW:
            keep = np.arange(len(given))
        premium, support = _premiums(rows, given, base, known, groups)
        start = (
            (required + heard) / 2.0 if head is Head.REQUIRED else base + np.where(support > 0, premium, 0.0)
        )
        inputs = np.column_stack(
            [
                required,
                heard,
                np.full(len(base), np.nan) if head is Head.REQUIRED else base,
                premium,
                support,
                rows.year,
                rows.words,
                rows.known,
                np.where(given[:, heads.POINTS], rows.points, np.nan),
                encodings.hide(statistics, given),
            ]
        )
        parts.append((inputs[keep], start[keep], rows.target[keep], given[keep], keep))
    joined = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return joined[0], joined[1], joined[2], joined[3], joined[4]


def _premiums(
    rows: Rows,
    given: Given,
    base: Floats,
    known: tuple[Cellar, Cellar],
    groups: dict[int, npt.NDArray[np.intp]],
) -> tuple[Floats, Floats]:
    premium, support = np.full(len(base), np.nan), np.full(len(base), np.nan)
    asked = _cellar(rows, base, given)
    for variant, kernel in enumerate((producers.WITHOUT_POINTS, producers.WITH_POINTS)):
        of = given[:, heads.WINERY] & (given[:, heads.POINTS] == bool(variant))
        if of.any():
            own_base = known[variant].measures[2] * producers.SPREAD + float(rows.target.mean())
            found = producers.leave_one_out(kernel, known[variant], rows.target - own_base, groups, asked)
            premium[of], support[of] = found[0][of], found[1][of]
    return premium, support


def _watched(rows: Rows) -> npt.NDArray[np.int64]:
    counts = np.asarray((rows.matrix > 0).sum(axis=0)).ravel() * (rows.kinds == "w")
    most = np.argsort(-counts, kind="stable")[:WATCHED]
    return np.sort(most[counts[most] > 0]).astype(np.int64)


def _words(rows: Rows, watched: npt.NDArray[np.int64], origin: npt.NDArray[np.intp]) -> Singles:
    return (rows.matrix[:, watched] > 0).astype(np.float32).toarray()[origin]


def _forest(
    inputs: Singles, target: Floats, folds: npt.NDArray[np.int64], head: Head, options: Options
) -> tuple[str, Floats]:
    """Trees of all rows, and predictions (n,) by trees that never saw the row; NaN where not needed."""
    small = len(target) < MANY
    settings = {
        "rounds": options.rounds,
        "learning_rate": options.learning_rate,
        "num_leaves": min(heads.LEAVES[head], max(7, len(target) // ROWS_PER_LEAF)),
        "feature_fraction": heads.INPUTS_PER_TREE[head],
        "min_data_in_leaf": max(3, min(20 if small else 40, len(target) // 50)),
        "seed": options.seed,
    }

    def grow(fold: int) -> str:
        rest = folds != fold
        return trees.grow(inputs[rest], target[rest], **settings)

    tested = range(FOLDS if small else 2)
    with ThreadPoolExecutor(options.jobs) as pool:
        *partial, whole = pool.map(grow, [*tested, EVERY_ROW])
    held_out = np.full(len(target), np.nan)
    for fold, text in zip(tested, partial, strict=True):
        own = folds == fold
        held_out[own] = trees.Trees(text).predict(inputs[own])
    return whole, held_out


def _uncertainty(
    seen: list[tuple[Floats, Floats, Floats, npt.NDArray[np.int64]]], options: Options
) -> tuple[str, Floats]:
    """Trees of the expected absolute error, and the calibration of intervals on rows they never saw."""
    inputs, residual, folds, cells = (np.concatenate(part) for part in zip(*seen, strict=True))
    settings = {
        "rounds": 120,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "feature_fraction": 0.5,
        "min_data_in_leaf": max(5, min(60, len(residual) // 50)),
        "seed": options.seed,
    }
    data, size = inputs.astype(np.float32), np.abs(residual)
    expected = np.zeros(len(residual))
    for part in range(2):
        own = folds % 2 == part
        expected[own] = trees.Trees(trees.grow(data[~own], size[~own], **settings)).predict(inputs[own])
    expected = np.maximum(expected, intervals.SMALLEST_ERROR)
    return trees.grow(data, size, **settings), intervals.scores_of(residual, expected, cells, heads.CELLS)
