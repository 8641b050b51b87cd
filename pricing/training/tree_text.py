"""Changing fitted trees: LightGBM has no call for it, so it is done in the text that it writes and reads."""

from __future__ import annotations

from typing import Final

from pricing.errors import PricingError

_ALWAYS: Final = "1e+300"
"""As a threshold: whatever comes is at most that."""


def without_steps_above(text: str, column: int, limit: float) -> str:
    """The model that predicts for any value of input `column` what this one does for min(value, `limit`).

    `text` is what `Booster.model_to_string` gives; the column must never be missing (NaN). Raises
    PricingError when the text is not laid out as LightGBM 4 does it.
    """
    head, trees, rest = _parts(text)
    changed = [_changed(tree, column, limit) for tree in trees]
    lines = head.splitlines(keepends=True)
    sizes = f"tree_sizes={' '.join(str(len(tree)) for tree in changed)}\n"
    return "".join([*(sizes if line.startswith("tree_sizes=") else line for line in lines), *changed, rest])


def _parts(text: str) -> tuple[str, list[str], str]:
    """What stands before the trees, each tree, and what follows them."""
    start = text.find("Tree=0\n")
    size_lines = [line for line in text[:start].splitlines() if line.startswith("tree_sizes=")]
    if start < 0 or len(size_lines) != 1 or not text.isascii():
        raise PricingError("The text of LightGBM's model is not laid out as expected: tree_sizes, Tree=0.")
    trees, place = [], start
    for size in map(int, size_lines[0].partition("=")[2].split()):
        trees.append(text[place : place + size])
        place += size
    return text[:start], trees, text[place:]


def _changed(tree: str, column: int, limit: float) -> str:
    lines = tree.split("\n")
    at = {line.partition("=")[0]: number for number, line in enumerate(lines)}
    if "threshold" not in at:  # a single leaf
        return tree
    inputs = lines[at["split_feature"]].partition("=")[2].split()
    thresholds = lines[at["threshold"]].partition("=")[2].split()
    lines[at["threshold"]] = "threshold=" + " ".join(
        _ALWAYS if int(own) == column and float(threshold) >= limit else threshold
        for own, threshold in zip(inputs, thresholds, strict=True)
    )
    return "\n".join(lines)
