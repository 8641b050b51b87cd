"""Where a benchmark's figures are kept: a page beside it, which is printed too."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent


def keep(name: str, text: str) -> None:
    """Write the page benchmarks/`name` and print it."""
    page = text.rstrip("\n") + "\n"
    (FOLDER / name).write_text(page, encoding="utf-8")
    sys.stdout.write(page)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
