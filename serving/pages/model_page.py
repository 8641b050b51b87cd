"""The model card for people: what a model was trained on, how good it is, and where its limits lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

FIRST: Final = "provided fields"
"""The slice that stands at the top: quality by what a request gives."""

_WIDTH: Final = 220.0
"""Of the bars, in units of their drawing."""


class Facts(dict[str, Any]):
    """What a card says; None for what it does not: estimators of other teams say less."""

    def __missing__(self, key: str) -> None:
        return None


class Bar(NamedTuple):
    """A slice's RMSE of log price and its 90 % interval as positions from 0 to `_WIDTH`."""

    value: float
    low: float
    high: float


def model_page(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `model.html` for an answer of `/model`."""
    card = Facts(answer["card"])
    slices = [Facts(row) for row in card["slices"] or ()]
    longest = max((row["rmse_log_high"] or row["rmse_log"] or 0.0 for row in slices), default=0.0) or 1.0
    return {
        "model": answer,
        "card": card,
        "data": Facts(card["data"] or {}),
        "metrics": Facts(card["metrics"] or {}),
        "tables": [(name, [(row, _bar(row, longest)) for row in rows]) for name, rows in _by_name(slices)],
        "importance": list((card["importance"] or {}).items()),
        "width": _WIDTH,
    }


def _by_name(slices: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in slices:
        groups[row["slice"]].append(row)
    return sorted(groups.items(), key=lambda entry: entry[0] != FIRST)


def _bar(row: Mapping[str, Any], longest: float) -> Bar:
    value = row["rmse_log"] or 0.0
    ends = (value, row["rmse_log_low"] or value, row["rmse_log_high"] or value)
    return Bar(*(round(_WIDTH * end / longest, 1) for end in ends))
