"""Catalogues as other programs write them, priced or refused with what is wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from flows.errors import NothingUsed
from flows.scoring.catalogue import Catalogue, catalogue
from flows.scoring.chunk import Part, ScoreConfig, score_chunk
from flows.scoring.engine import Pending
from flows.scoring.job import JobResult, SavedModel, score_with
from pricing.errors import DataError
from pricing.scoring.record_scorer import RecordScorer
from pricing.wine.estimate import Estimate, RequestWarning
from pricing.wine.request import Wine

GOOD = ["US", "ripe plum", "California"]


class Recorder:
    """Prices every wine at 10 USD, warns of those from Atlantis."""

    def __init__(self) -> None:
        self.seen: list[Wine] = []

    def score_batch(self, wines: Sequence[Wine]) -> list[Estimate]:
        self.seen += wines
        return [Estimate(10.0, 8.0, 12.0, 0.8, 2.3, 0.2, _warnings(wine)) for wine in wines]


def _warnings(wine: Wine) -> tuple[RequestWarning, ...]:
    if wine.country != "Atlantis":
        return ()
    return (RequestWarning("unknown_country", "country", "The model has never seen Atlantis."),)


def priced(wines: Catalogue, output: Path) -> tuple[JobResult, Recorder]:
    scorer = Recorder()

    class Done:
        def __init__(self, part: Part) -> None:
            self.result = lambda: part

    def submit(chunk) -> Pending:
        kind = "csv" if output.suffix == ".csv" else "parquet"
        return Done(score_chunk(chunk, cast("RecordScorer", scorer), ScoreConfig("7", kind)))

    result = score_with(submit, wines, str(output), SavedModel(output, "7", "sha"), ahead=2)
    return result, scorer


def from_text(text: str | bytes, folder: Path, **options) -> tuple[JobResult, Recorder, list[dict[str, str]]]:
    source, output = folder / "wines.csv", folder / "priced.csv"
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    result, scorer = priced(catalogue(str(source), **options), output)
    return result, scorer, list(csv.DictReader(io.StringIO(output.read_bytes().decode(), newline="")))


HEADER = "country,description,province,millesime\n"


@pytest.mark.parametrize(
    "text",
    [
        "country;description;province;millesime\nUS;ripe plum;California;2013\n",
        "Country\tDescription\tProvince\tVintage\nUS\tripe plum\tCalifornia\t2013\n",
        "Our wines\n\ncountry,description,province,millesime,,\nUS,ripe plum,California,2013.0,,\n",
        "country,description,province,title\nUS,ripe plum,California,Old Hill 2013 Merlot\n",
        "country,description,province,vintage,title\nUS,ripe plum,California,2013,Old Hill Merlot\n",
        "country,description,province,vintage,title\nUS,ripe plum,California,2013,Since 2001 Merlot\n",
        "country,description,province,vintage,title\nUS,ripe plum,California,,Old Hill 2013 Merlot\n",
    ],
    ids=["semicolons", "tabs", "title line", "title", "vintage", "vintage first", "blank vintage"],
)
def test_every_dialect_gives_the_same_wine(text: str, tmp_path: Path) -> None:
    result, scorer, rows = from_text(text, tmp_path)
    (wine,) = scorer.seen
    assert [wine.country, wine.description, wine.province, str(wine.millesime)] == [*GOOD, "2013"]
    assert (result.scored, rows[0]["predicted_price"]) == (1, "10.0")


def test_windows_1252_is_read_and_written_as_utf_8(tmp_path: Path) -> None:
    _, scorer, rows = from_text((HEADER + "France,Mûr,Côtes du Rhône,2015\n").encode("cp1252"), tmp_path)
    assert scorer.seen[0].province == rows[0]["province"] == "Côtes du Rhône"


@pytest.mark.parametrize("word", ["Non-Vintage", "NV", "1001", "", "NULL", "nan", "-"])
def test_a_wine_without_a_vintage_is_priced(word: str, tmp_path: Path) -> None:
    assert from_text(f"{HEADER}US,ripe plum,California,{word}\n", tmp_path)[0].scored == 1


def test_a_blank_description_is_priced_as_the_service_prices_it(tmp_path: Path) -> None:
    assert from_text(f"{HEADER}US,,California,2013\n", tmp_path)[1].seen[0].description == ""


def test_words_for_nothing_are_counted_and_are_no_names(tmp_path: Path) -> None:
    text = "country,description,province,millesime,winery,points\nUS,x,California,2013,NULL,n/a\n"
    result, scorer, _ = from_text(text, tmp_path)
    assert (scorer.seen[0].winery, scorer.seen[0].points) == (None, None)
    assert result.counts.words == {"NULL": 1, "n/a": 1}


@pytest.mark.parametrize(("cell", "points"), [("92/100", 92.0), ('"92,5"', 92.5), ("92 pts", 92.0)])
def test_points_are_read_as_people_write_them(cell: str, points: float, tmp_path: Path) -> None:
    text = f"country,description,province,millesime,points\nUS,x,California,2013,{cell}\n"
    assert from_text(text, tmp_path)[1].seen[0].points == points


def test_columns_are_mapped(tmp_path: Path) -> None:
    text = "Pays;Note;Région;Année\nFrance;mûr;Alsace;2015\n"
    mapping = {"Pays": "country", "Note": "description", "Région": "province", "Année": "millesime"}
    _, scorer, rows = from_text(text, tmp_path, columns=mapping)
    assert scorer.seen[0].country == rows[0]["Pays"] == "France"


def test_warnings_are_written_and_counted(tmp_path: Path) -> None:
    result, _, rows = from_text(f"{HEADER}Atlantis,x,Nowhere,2013\nUS,x,California,2013\n", tmp_path)
    assert [row["warnings"] for row in rows] == ["unknown_country: The model has never seen Atlantis.", ""]
    assert (result.counts.warned, result.counts.warnings) == (1, {"unknown_country": 1})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    text = HEADER + 'US,"one\rtwo\nthree ""four"", five",California,2013\n'
    from_text(text, tmp_path)
    again, output = tmp_path / "priced.csv", tmp_path / "again.csv"
    result, scorer = priced(catalogue(str(again)), output)
    assert (result.scored, result.refused) == (1, 0)
    assert scorer.seen[0].description == 'one\rtwo\nthree "four", five'
    assert (
        pyarrow.csv.read_csv(output, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True)).num_rows
        == 1
    )


def test_signs_of_every_kind_come_back_as_they_were(tmp_path: Path) -> None:
    odd = 'a\x1fb, "c"; \\ \r\n\td'
    out = io.StringIO()
    csv.writer(out).writerows(
        [["country", "description", "province", "millesime"], ["US", odd, "Ohio", "2013"]]
    )
    assert from_text(out.getvalue(), tmp_path)[2][0]["description"] == odd


def test_cellartrackers_list_is_priced_as_it_is(tmp_path: Path) -> None:
    text = (
        '"iWine","Vintage","Wine","Country","Region","SubRegion","Appellation","Producer","Varietal"\r\n'
        '"1","1001","Test Brut","France","Champagne","Unknown","Champagne","Test","Champagne Blend"\r\n'
        '"2","2015","Château Ô","France","Unknown","Unknown","Médoc","Château Ô","Merlot"\r\n'
    )
    result, scorer, _ = from_text(text.encode("cp1252"), tmp_path)
    assert [(w.province, w.region, w.winery, w.millesime, w.variety) for w in scorer.seen] == [
        ("Champagne", "Champagne", "Test", "NV", "Champagne Blend"),
        ("Médoc", "Médoc", "Château Ô", "2015", "Merlot"),
    ]
    assert result.counts.words == {"Unknown": 3}


def write_parquet(folder: Path, **columns) -> Path:
    path = folder / "wines.parquet"
    base = {
        "country": pa.array(["US", "France"]),
        "description": pa.array(["ripe", "lean"]),
        "province": pa.array(["California", "Alsace"]),
        "millesime": pa.array([2013, 2014]),
    }
    pyarrow.parquet.write_table(pa.table(base | columns), path)
    return path


YEARS = {
    "integers": pa.array([2013, 2014], pa.int16()),
    "floats": pa.array([2013.0, 2014.0]),
    "decimals": pa.array([Decimal("2013.00"), Decimal("2014.00")]),
    "dates": pa.array([date(2013, 1, 1), date(2014, 1, 1)]),
    "texts": pa.array(["2013.0", "2014"]),
    "views": pa.array(["2013", "2014"], pa.string_view()),
    "dictionary": pa.array(["2013", "2014"]).dictionary_encode(),
    "large": pa.array(["2013", "2014"], pa.large_string()),
}


@pytest.mark.parametrize("kind", YEARS)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_years_of_every_type_are_years(kind: str, ending: str, tmp_path: Path) -> None:
    path = write_parquet(tmp_path, millesime=YEARS[kind])
    _, scorer = priced(catalogue(str(path)), tmp_path / f"priced.{ending}")
    assert [str(wine.millesime) for wine in scorer.seen] == ["2013", "2014"]


RARE = {
    "lists": pa.array([["a"], []]),
    "structs": pa.array([{"a": 1}, None]),
    "maps": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
    "views": pa.array(["a", None], pa.string_view()),
    "binary views": pa.array([b"a", None], pa.binary_view()),
    "dictionaries": pa.array(["a", None]).dictionary_encode(),
    "durations": pa.array([1, None], pa.duration("s")),
    "decimals": pa.array([Decimal("1.5"), None]),
    "half floats": pa.array([1.5, None], pa.float16()),
    "nulls": pa.nulls(2),
}


@pytest.mark.parametrize("kind", RARE)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_of_every_type_come_back(kind: str, ending: str, tmp_path: Path) -> None:
    try:
        path = write_parquet(tmp_path, extra=RARE[kind])
    except pa.ArrowNotImplementedError:
        pytest.skip("this Arrow writes no Parquet of that type")
    output = tmp_path / f"priced.{ending}"
    result, _ = priced(catalogue(str(path)), output)
    assert result.scored == 2
    table = pyarrow.parquet.read_table(output) if ending == "parquet" else pyarrow.csv.read_csv(output)
    assert table.num_rows == 2
    assert {"extra", "predicted_price"} <= set(table.column_names)


def test_a_name_that_is_a_list_is_refused_with_its_column(tmp_path: Path) -> None:
    path = write_parquet(tmp_path, country=pa.array([["US"], ["France"]]))
    with pytest.raises(NothingUsed, match="country"):
        priced(catalogue(str(path)), tmp_path / "priced.csv")


def test_a_catalogue_of_which_nothing_can_be_priced_fails_and_writes_no_output(tmp_path: Path) -> None:
    (tmp_path / "priced.csv").write_text("of before")
    with pytest.raises(NothingUsed, match=r"2 rows were refused.*country: missing.*bad\.csv"):
        from_text(f"{HEADER},x,Alsace,2013\n,x,Alsace,2013\n", tmp_path)
    assert (tmp_path / "priced.csv").read_text() == "of before"
    assert len((tmp_path / "priced.csv.bad.csv").read_text().splitlines()) == 3


def test_a_header_alone_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(NothingUsed, match="header and no rows"):
        from_text(HEADER, tmp_path)


@pytest.mark.parametrize("written", ["wines.csv", "./wines.csv", "sub/../wines.csv", "link.csv"])
def test_the_catalogue_is_never_the_output(written: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    text = f"{HEADER}US,x,California,2013\n"
    source = tmp_path / "wines.csv"
    source.write_text(text)
    (tmp_path / "link.csv").symlink_to(source)
    for catalogue_uri in (str(source), source.as_uri()):
        with pytest.raises(DataError, match="would overwrite the catalogue"):
            priced(catalogue(catalogue_uri), Path(written))
    assert source.read_text() == text


def test_the_file_of_bad_rows_never_overwrites_the_catalogue(tmp_path: Path) -> None:
    source = tmp_path / "a.csv.bad.csv"
    source.write_text(f"{HEADER}US,x,California,2013\n")
    with pytest.raises(DataError, match="would overwrite the catalogue"):
        priced(catalogue(str(source)), tmp_path / "a.csv")
