"""Chunks of a catalogue: good rows priced as given, bad rows named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet
import pytest

from flows.errors import DataUnavailable
from flows.scoring import catalogue as catalogues
from flows.scoring.catalogue import catalogue
from flows.scoring.chunk import Chunk, ScoreConfig, score_chunk
from flows.scoring.rows import CSV, PARQUET
from pricing.errors import DataError
from pricing.scoring.scorer import Scorer
from pricing.wine.estimate import Estimate
from pricing.wine.request import Wine

HEADER = "sku,country,description,province,millesime,points\n"


class ByPoints:
    """Prices a wine at its points, or at 1 USD without."""

    def __init__(self) -> None:
        self.seen: list[Wine] = []

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        self.seen.extend(wines)
        prices = [wine.points or 1.0 for wine in wines]
        return [Estimate(p, p - 1, p + 1, 0.8, 0.0, 0.25, ()) for p in prices]


def scored(chunk: Chunk, kind: str = CSV) -> tuple[list[list[str]], list[list[str]], ByPoints]:
    scorer = ByPoints()
    part = score_chunk(chunk, cast("Scorer", scorer), ScoreConfig("7", kind))
    rows = list(csv.reader(io.StringIO(part.content.decode()))) if kind == CSV else []
    bad = list(csv.reader(io.StringIO(part.bad.decode())))
    assert part.counts.refused == len(bad)
    return rows, bad, scorer


def chunks(text: str, folder: Path) -> list[Chunk]:
    path = folder / "wines.csv"
    path.write_text(text)
    return list(catalogue(str(path)).chunks())


def test_every_column_comes_back_with_price_interval_and_version(tmp_path: Path) -> None:
    (chunk,) = chunks(HEADER + 'a1,France,"Ripe, with\noak",Burgundy,2015,92\n', tmp_path)
    rows, bad, _ = scored(chunk)
    wine = ["a1", "France", "Ripe, with\noak", "Burgundy", "2015", "92"]
    assert rows == [[*wine, "92.0", "91.0", "93.0", "0.25", "USD", "7", ""]]
    assert bad == []


def test_bad_rows_go_aside_with_their_number_and_every_reason(tmp_path: Path) -> None:
    text = (
        HEADER
        + "a,France,Ripe,Burgundy,2015,92\nb,,Ripe,Burgundy,soon,150\nc,France\nd,France,Ripe,Alsace,NV,\n"
    )
    (chunk,) = chunks(text, tmp_path)
    rows, bad, _ = scored(chunk)
    assert [row[0] for row in rows] == ["a", "d"]
    assert [line[0] for line in bad] == ["2", "3"]
    assert all(name in bad[0][1] for name in ("country", "millesime", "points"))
    assert json.loads(bad[0][2])["sku"] == "b"
    assert "2 values, expected 6" in bad[1][1]


def test_numbers_of_bad_rows_hold_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "CHUNK_ROWS", 9)
    lines = [f"s{n},France,Ripe,Burgundy,2015,90" for n in range(1, 101)]
    lines[29], lines[69] = "broken", "s70,,Ripe,Burgundy,2015,90"
    many = chunks(HEADER + "\n".join(lines) + "\n", tmp_path)
    assert len(many) > 5
    bad = [line for chunk in many for line in scored(chunk)[1]]
    assert [line[0] for line in bad] == ["30", "70"]
    assert sum(len(scored(chunk)[0]) for chunk in many) == 98


def test_winemag_columns_serve_as_a_catalogue(tmp_path: Path) -> None:
    text = (
        'country,description,province,title,region_1\nUS,Tart,Oregon,"Rainstorm 2013 Pinot Gris",Willamette\n'
    )
    (chunk,) = chunks(text, tmp_path)
    _, _, scorer = scored(chunk)
    assert (str(scorer.seen[0].millesime), scorer.seen[0].region) == ("2013", "Willamette")


def test_a_catalogue_that_was_priced_before_gets_new_prices_not_more_columns(tmp_path: Path) -> None:
    text = "country,description,province,millesime,predicted_price\nUS,Tart,Oregon,2013,999\n"
    (chunk,) = chunks(text, tmp_path)
    rows, _, _ = scored(chunk)
    assert rows[0][4] == "1.0"
    assert len(rows[0]) == len(catalogue(str(tmp_path / "wines.csv")).output_schema)


def test_a_parquet_catalogue_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "wines.parquet"
    table = pa.table(
        {
            "country": ["US", None],
            "description": ["Tart", "Tart"],
            "province": ["Oregon", "Oregon"],
            "millesime": pa.array([2013.0, 2014.0]),
            "points": pa.array([91.0, None]),
            "stock": pa.array([3, 4], pa.int16()),
        }
    )
    pyarrow.parquet.write_table(table, path)
    (chunk,) = catalogue(str(path)).chunks()
    part = score_chunk(chunk, cast("Scorer", ByPoints()), ScoreConfig("7", PARQUET))
    priced = pyarrow.parquet.read_table(io.BytesIO(part.content))
    assert priced.schema.field("stock").type == pa.int16()
    assert priced["predicted_price"].to_pylist() == [91.0]
    assert part.counts.refused == 1


@pytest.mark.parametrize(
    ("name", "content", "error", "part"),
    [
        ("wines.csv", b"country,province\nUS,Oregon\n", DataError, "description"),
        ("wines.csv", b"a,a\n1,2\n", DataError, "several columns named a"),
        ("wines.xlsx", b"PK", DataError, "is a spreadsheet.*CSV UTF-8"),
        ("wines.doc", b"x", DataError, "must end with"),
        ("wines.parquet", b"no parquet", DataUnavailable, "no Parquet file, or a damaged one"),
        ("wines.csv", b"", DataError, "is empty"),
        ("wines.csv", b"PK\x03\x04", DataError, "broken or cut zip"),
    ],
)
def test_an_unfit_catalogue_is_refused_with_what_is_wrong(
    tmp_path: Path, name: str, content: bytes, error: type[Exception], part: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=part):
        catalogue(str(tmp_path / name))


def test_a_missing_catalogue_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="There is no file"):
        catalogue(str(tmp_path / "none.csv"))
