"""Where a benchmark's figures are kept: a page beside it, which is printed too."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def keep(name: str, text: str) -> None:
    """Write the page benchmarks/`name` and print it."""
    page = text.rstrip("\n") + "\n"
    (FOLDER / name).write_text(page, encoding="utf-8")
    sys.stdout.write(page)
