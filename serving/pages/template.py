"""A template is HTML with `{{ name }}` (escaped) and `{{{ name }}}` (HTML already)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

_SLOT: Final = re.compile(r"\{\{\{ ?([\w.]+) ?\}\}\}|\{\{ ?([\w.]+) ?\}\}")


def render(name: str, values: Mapping[str, str]) -> str:
    """The template `name` with `values` filled in. A slot without a value raises `KeyError`."""

    def fill(slot: re.Match[str]) -> str:
        raw, escaped = slot.groups()
        return values[raw] if raw else html.escape(values[escaped])

    return _SLOT.sub(fill, _source(name))


@cache
def _source(name: str) -> str:
    return (files("serving.pages") / "templates" / name).read_text(encoding="utf-8")
