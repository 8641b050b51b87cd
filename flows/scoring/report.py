"""What a scoring did, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flows.orchestration.markdown import table
from flows.scoring.catalogue import Catalogue
from flows.scoring.job import JobResult, bad_rows_path

_SHOWN: Final = 20


def score_markdown(wines: Catalogue, output: str, version: str, result: JobResult) -> str:
    """Markdown: what was priced and how fast, which warnings were given, which words read as empty."""
    rate = result.scored / max(result.seconds, 1e-9)
    refused = f"{result.refused:,}" + (f", see `{bad_rows_path(output)}`" if result.refused else "")
    rows = [
        ("catalogue", f"`{wines.uri}`" + (f" ({written})" if (written := wines.source.described()) else "")),
        ("columns read", _columns(wines)),
        ("output", f"`{output}`"),
        ("model version", version),
        ("wines priced", f"{result.scored:,}"),
        ("of those with warnings", f"{result.counts.warned:,}"),
        ("rows refused", refused),
        ("parts", f"{result.parts:,}, of which {result.taken_over:,} were there already"),
        ("time", f"{result.seconds:.0f} s, {rate:,.0f} wines a second"),
    ]
    return "\n\n".join(
        [
            f"# Scored catalogue\n\n{table(['', ''], rows)}",
            *_counts("Warnings", "warning", result.counts.warnings),
            *_counts("Cells read as empty", "cell", result.counts.words),
        ]
    )


def _columns(wines: Catalogue) -> str:
    columns = wines.source.columns
    read = [
        field if columns.names[place] == field else f"{field} (`{columns.names[place]}`)"
        for field, place in columns.places.items()
    ]
    return ", ".join(read)


def _counts(title: str, noun: str, counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return []
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    rows = [(f"`{name}`", f"{count:,}") for name, count in most]
    return [f"## {title}\n\n{table([noun, 'rows' if noun == 'warning' else 'cells'], rows)}"]
