"""Linear models and networks: what they say of rows they never saw, and those kept for scoring.

Each head has a linear model of its own. The networks are two groups: one for the required fields
alone, one for the other heads. Every epoch masks other optional fields and other words of the notes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

import numpy as np

from pricing.model.crossed_terms import CrossedTerms
from pricing.model.embedding_bag import TermVectors
from pricing.model.experts import Head
from pricing.model.mlp_ensemble import Ensemble
from pricing.model.state import LAYERS, Layer
from pricing.model.vocabulary import NOTE_KINDS
from pricing.training import mlp
from pricing.training.config import Options
from pricing.training.crosses import crosses_of
from pricing.training.design_matrix import EVERY_ROW, HeldOut, Inputs, Rows
from pricing.training.linear_models import LinearModel, LinearTask
from pricing.training.masks import WHOLE_OF_NETWORKS, Mask, sample_fields, sample_notes
from pricing.training.mlp import WIDTH, Network, Passes

PASSES: Final = (Passes(9, 384, 1e-2), Passes(5, 256, 9e-3))
"""Of a network, with few rows and with many; more learn them by heart."""

DROPOUT: Final = {Head.REQUIRED: (0.3, 0.1), Head.MIXED: (0.25, 0.15)}
"""Shares of a note's terms and of all other terms that each pass of a network leaves out."""

MEMBERS_PER_FOLD: Final = (2, 1)
"""Networks of each group that price a held-out fold together, with few rows and with many."""

N_MEMBERS: Final = (6, 4)
"""Networks of each group that are trained on all rows and price new wines together; few and many rows."""

Copies = Mapping[Head, Sequence[Mask]]


class Member(NamedTuple):
    """One network: of a group of heads, trained without a fold."""

    group: Head
    fold: int
    number: int


@dataclass(frozen=True, slots=True)
class BaseLearners:
    """What both kinds of model say of each head's held-out copies; and what is kept."""

    linear: Mapping[Head, Sequence[HeldOut]]
    networks: Mapping[Head, Sequence[HeldOut]]
    linear_models: Mapping[Head, LinearModel]
    crossed: CrossedTerms
    layers: tuple[Layer, ...]


def fit(rows: Rows, copies: Copies, options: Options, pool: Executor) -> BaseLearners:
    """Fit every linear model and network in the pool.

    Linear models and networks take turns: two networks side by side wait for each other, for each of
    their steps is short and needs the interpreter, and a linear model needs it hardly ever.
    """
    tasks = {head: _linear_task(rows, copies[head], head) for head in Head}
    folds = [*range(int(rows.folds.max()) + 1), EVERY_ROW]
    members = _members(folds, many=rows.many)
    fits = [(head, fold) for head in Head for fold in folds]
    trained: dict[Member, Future[Network]] = {}
    fitted: dict[tuple[Head, int], Future[LinearModel]] = {}
    for member, each in zip_longest(members, fits):
        if member:
            trained[member] = pool.submit(_network, rows, member, options.seed)
        if each:
            fitted[each] = pool.submit(tasks[each[0]].fit, each[1], options.alpha)
    networks = {member: network.result() for member, network in trained.items()}
    linear = {each: model.result() for each, model in fitted.items()}
    kept = {head: linear[head, EVERY_ROW] for head in Head}
    return BaseLearners(
        linear={head: tasks[head].held_out({fold: linear[head, fold] for fold in folds}) for head in Head},
        networks={head: _held_out(rows, tasks[head], networks) for head in Head},
        linear_models=kept,
        crossed=tasks[Head.REQUIRED].crossed(kept[Head.REQUIRED]),
        layers=tuple(_layer(rows, group, kept, networks) for group in LAYERS),
    )


def _members(folds: Sequence[int], *, many: bool) -> list[Member]:
    """Every network that is trained; those that take longest first."""
    return [
        Member(group, fold, number)
        for group in (Head.MIXED, Head.REQUIRED)
        for fold in folds
        for number in range((N_MEMBERS if fold == EVERY_ROW else MEMBERS_PER_FOLD)[many])
    ]


def _linear_task(rows: Rows, copies: Sequence[Mask], head: Head) -> LinearTask:
    source = rows.source.rows(np.arange(len(rows.target)), _width(rows, head))
    crosses = crosses_of(rows) if head is Head.REQUIRED else None
    return LinearTask(rows, head, [source.masked(mask) for mask in copies], crosses)


def _network(rows: Rows, member: Member, seed: int) -> Network:
    rest = np.flatnonzero(rows.folds != member.fold)
    rng = np.random.default_rng([seed, member.group, member.fold + 1, member.number])
    source = rows.source.rows(rest, _width(rows, member.group))
    present, words = rows.present[rest], rows.words[rest]
    none = np.zeros_like(present)

    def draw() -> Inputs:
        """The wines with other fields and words masked each time."""
        fields = none if member.group is Head.REQUIRED else sample_fields(present, rng)
        return source.masked(Mask(fields, sample_notes(words, rng, whole=WHOLE_OF_NETWORKS[rows.many])))

    of_note, of_names = DROPOUT[member.group]
    dropout = np.where(np.isin(source.terms.kinds, NOTE_KINDS), of_note, of_names).astype(np.float32)
    target, chance = rows.target[rest] - rows.mean, int(rng.integers(2**31))
    return mlp.train(draw, PASSES[rows.many], target, chance, dropout)


def _held_out(rows: Rows, task: LinearTask, networks: Mapping[Member, Network]) -> list[HeldOut]:
    """Of each copy by the networks that never saw the row."""
    group = _group(task.head)
    held_out = [HeldOut.empty(len(rows.target)) for _ in task.stacked]
    for fold in range(int(rows.folds.max()) + 1):
        own = np.flatnonzero(rows.folds == fold)
        members = [networks[Member(group, fold, i)] for i in range(MEMBERS_PER_FOLD[rows.many])]
        for (price, slopes), copy in zip(held_out, task.stacked, strict=True):
            inputs = copy.take(own)
            prices, each = zip(*(member.predict_slopes(inputs) for member in members), strict=True)
            price[own] = np.mean(prices, axis=0, dtype=np.float64) + rows.mean
            slopes[own] = np.mean(each, axis=0, dtype=np.float64)
    return held_out


def _width(rows: Rows, head: Head) -> int:
    """Columns that a head has: all terms, or those of the required fields."""
    return rows.index.required if head is Head.REQUIRED else len(rows.index.terms)


def _group(head: Head) -> Head:
    return Head.REQUIRED if head is Head.REQUIRED else Head.MIXED


def _layer(
    rows: Rows,
    group: tuple[Head, ...],
    linear_models: Mapping[Head, LinearModel],
    networks: Mapping[Member, Network],
) -> Layer:
    kept = [networks[Member(_group(group[-1]), EVERY_ROW, number)] for number in range(N_MEMBERS[rows.many])]
    vectors = np.column_stack([*(linear_models[head].terms for head in group), *(net.embed for net in kept)])
    return Layer(group, TermVectors.of(vectors), _side_by_side(kept, rows.mean))


def _side_by_side(networks: Sequence[Network], mean: float) -> Ensemble:
    """`mean` (log USD) is what the networks' target was centred by."""
    parts = [{name: value.astype(np.float64) for name, value in net.weights.items()} for net in networks]
    share = 1.0 / len(parts)
    return Ensemble(
        first=np.concatenate([part["first"] for part in parts]),
        numbers=np.stack([part["layer0"][WIDTH:] for part in parts], axis=1),
        layer0=np.stack([part["layer0"][:WIDTH] for part in parts]),
        bias0=np.stack([part["bias0"] for part in parts]),
        layer1=np.stack([part["layer1"] for part in parts]),
        bias1=np.stack([part["bias1"] for part in parts]),
        layer2=np.stack([part["layer2"][:, 0] * share for part in parts]),
        bias2=np.array(mean + share * sum(float(part["bias2"][0]) for part in parts)),
        roots=np.stack([part["roots"] for part in parts]),
        roots_bias=np.stack([part["roots_bias"] for part in parts]),
    )
