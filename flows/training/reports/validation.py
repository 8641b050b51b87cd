"""What the data boundary and the cleaning left out, for people and for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from flows.data.datasets import Dataset, PreparedWines, ReviewFile
from flows.orchestration.markdown import bullets, table
from pricing.data.cleaning import REASONS, CleaningReport

SHOWN: Final = 20


def bad_rows_csv(dataset: Dataset) -> str:
    """Every bad row of both files: file, line, column, value and reason."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "line", "column", "value", "reason"])
    for file in (dataset.train, dataset.test):
        for row in file.report.bad_rows:
            writer.writerow([file.report.name, row.line, row.column, row.value, row.reason])
    return out.getvalue()


def validation_markdown(dataset: Dataset, wines: PreparedWines, remarks: Sequence[str] = ()) -> str:
    """What was read, kept and left out, with the first bad rows by line and reason."""
    parts = [
        f"# Data of this run\n\n`{dataset.uri}`" + (" (synthetic)" if dataset.synthetic else ""),
        table(
            ["file", "rows", "bad rows", "left out by cleaning", "used"],
            [
                _counts(dataset.train, wines.train_report, len(wines.train) - wines.feedback_rows),
                _counts(dataset.test, wines.test_report, len(wines.test)),
            ],
        ),
        bullets([*_remarks(dataset, wines), *remarks]),
        *_bad_rows(dataset),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(file: ReviewFile, cleaning: CleaningReport, used: int) -> tuple[str, ...]:
    dropped = ", ".join(f"{REASONS[name]}: {count:,}" for name, count in cleaning.counts.items() if count)
    return (file.report.name, f"{file.report.rows:,}", f"{len(file.report.bad_rows):,}", dropped, f"{used:,}")


def _remarks(dataset: Dataset, wines: PreparedWines) -> list[str]:
    remarks = [
        f"`{file.report.name}` lacks {', '.join(file.report.missing_columns)}: those fields stay empty."
        for file in (dataset.train, dataset.test)
        if file.report.missing_columns
    ]
    remarks += [
        f"`{file.report.name}` is read as it is written: {file.report.dialect}."
        for file in (dataset.train, dataset.test)
        if file.report.dialect
    ]
    remarks += [
        f"Cells of `{file.report.name}` that say that nothing is there, read as empty: {_words(file)}."
        for file in (dataset.train, dataset.test)
        if file.report.missing_words
    ]
    if wines.shared:
        remarks.append(f"{wines.shared:,} test rows were dropped: their wine is in the training file too.")
    if wines.feedback_rows:
        remarks.append(f"{wines.feedback_rows:,} wines with a price from feedback joined the training rows.")
    if wines.train["country"].nunique() == 1:
        country = wines.train["country"].iloc[0]
        remarks.append(
            f"Every training wine is from {country}: for other countries the model can only guess. "
            "Add reviews of other countries if those are to be priced."
        )
    return remarks


def _words(file: ReviewFile) -> str:
    return ", ".join(f"`{word}` {count:,}" for word, count in file.report.missing_words.items())


def _bad_rows(dataset: Dataset) -> list[str]:
    bad = [(f.report.name, row) for f in (dataset.train, dataset.test) for row in f.report.bad_rows]
    if not bad:
        return []
    rows = [(name, row.line, row.column, row.value, row.reason) for name, row in bad[:SHOWN]]
    more = (
        f"\n\n{len(bad) - SHOWN:,} more in `data/bad_rows.csv` of the MLflow run." if len(bad) > SHOWN else ""
    )
    return ["## Bad rows", table(["file", "line", "column", "value", "reason"], rows) + more]
