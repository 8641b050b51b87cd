"""Files as other programs write them: one reader takes them all, or says what fits to do."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile

import pytest

from pricing.data.csv_file import CsvFile, Row, csv_file
from pricing.data.raw_file import of_bytes
from pricing.errors import DataError

TABLE = [
    ["country", "description", "province", "millesime", "winery"],
    ["France", 'Called "the wild one", rich; very ripe', "Côtes du Rhône", "2015", "Château Ô"],
    ["Österreich", "Zwei\nZeilen, und mehr", "Kremstal", "2014", "Weingut Müller"],
    ["España", "Simple", "Rioja", "NV", "Peña"],
]


def written(delimiter: str = ",", **form) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, **form).writerows(TABLE)
    return out.getvalue()


def opened(content: bytes | str, columns: dict[str, str] | None = None) -> CsvFile:
    content = content.encode() if isinstance(content, str) else content
    return csv_file(of_bytes(content, "wines.csv"), columns)


def rows_of(content: bytes | str) -> list[Row]:
    return list(opened(content).rows())


def cells_of(content: bytes | str) -> list[list[str]]:
    return [row.cells for row in rows_of(content)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_dialect_gives_the_same_cells(delimiter: str, encoding: str, quoting: int, end: str) -> None:
    content = written(delimiter, quoting=quoting, lineterminator=end).encode(encoding)
    assert cells_of(content) == TABLE[1:]


def test_a_file_of_old_macs_is_read() -> None:
    content = written(lineterminator="\r").encode("mac_roman")
    assert [row[0] for row in cells_of(content)] == ["France", "Österreich", "España"]


def test_quotes_after_backslashes_are_read() -> None:
    content = written(quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\", lineterminator="\n")
    assert '\\"the wild' in content
    assert cells_of(content) == TABLE[1:]
    assert opened(content).described() == "quotes after backslashes"


def test_a_cell_that_ends_in_a_backslash_is_no_escaped_quote() -> None:
    assert cells_of('country,province,price\n"a\\","b",3\n') == [["a\\", "b", "3"]]


@pytest.mark.parametrize("quoted", [True, False])
def test_a_return_inside_a_text_ends_no_row(quoted: bool) -> None:
    text = '"Ripe\rfirm"' if quoted else "Ripe\rfirm"
    (cells,) = cells_of(f"country,description,province\nFrance,{text},Alsace\n")
    assert (cells[0], cells[1].split(), cells[2]) == ("France", ["Ripe", "firm"], "Alsace")


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda c: zipped(wines=c)])
def test_packed_files_are_read(pack) -> None:
    assert cells_of(pack(written().encode())) == TABLE[1:]


@pytest.mark.parametrize(
    "above",
    ["Price list, autumn\n", "Weine;Herbst\n\n", "\n\n", "Our wines,,,,\n,,,,\n", "sep=,\n"],
)
def test_what_stands_above_the_header_is_passed_over(above: str) -> None:
    content = above + written(lineterminator="\n")
    assert cells_of(content) == TABLE[1:]
    assert rows_of(content)[0].line == above.count("\n") + 2


def test_excels_line_with_the_separator_is_obeyed() -> None:
    assert cells_of("sep=;\r\n" + written(";")) == TABLE[1:]


def test_names_match_without_case_space_and_signs() -> None:
    header = "\ufeff Country ,DESCRIPTION,Province,Vintage,Region 1,request-id\n"
    places = opened(header + "a,b,c,2010,e,f\n").columns.places
    assert places == {
        "country": 0, "description": 1, "province": 2, "millesime": 3, "region": 4, "request_id": 5,
    }  # fmt: skip


def test_a_fields_own_name_goes_before_another_name_for_it() -> None:
    assert opened("vintage,millesime,region_1,region\na,b,c,d\n").columns.places == {
        "millesime": 1,
        "region": 3,
    }


def test_blank_cells_at_the_end_do_no_harm() -> None:
    text = "country,province,\nFrance,Alsace,\nItaly,Veneto\nSpain,Rioja,,,\n,,\n"
    assert cells_of(text) == [["France", "Alsace"], ["Italy", "Veneto"], ["Spain", "Rioja"]]


def test_a_row_of_another_width_is_named_by_its_line_and_the_rest_is_read() -> None:
    rows = rows_of('country,province\n"two\nlines",Alsace\nItaly,Veneto,more\nSpain,Rioja\n')
    assert [(row.line, row.problem) for row in rows] == [(2, ""), (4, "wrong number of cells"), (5, "")]


def test_a_quote_that_is_not_doubled_costs_its_row_alone() -> None:
    rows = rows_of('country,province\n"a "quoted" word",Alsace\nItaly,Veneto\n')
    assert [row.problem for row in rows] == ["a quote inside a cell is not doubled", ""]


@pytest.mark.parametrize(
    ("header", "columns", "field", "place"),
    [
        ("Pays,Note", {"Pays": "country"}, "country", 0),
        ("Pays,Note", {"pays ": "country", "Note": "description"}, "description", 1),
        ("country,Pays", {"Pays": "country"}, "country", 1),
        ("Millésime,Pays", {"millesime": "vintage"}, "millesime", 0),
        ("a,b", {"b": "region_1"}, "region", 1),
    ],
)
def test_a_person_may_say_which_column_is_which(header, columns, field, place) -> None:
    assert opened(f"{header}\n1,2\n", columns).columns.places[field] == place


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"Land": "country"}, "'Land', but wines.csv has no such column; it has Pays, Note"),
        ({"Pays": "nation"}, "'Pays' to 'nation', which is no field"),
        ({"Pays": "country", "Note": "country"}, "two columns to country"),
    ],
)
def test_a_mapping_that_does_not_fit_is_explained(columns: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        opened("Pays,Note\na,b\n", columns)


@pytest.mark.parametrize(
    "header", ["price,country,price", "price,country,Price", "price,x,x", "Vintage,VINTAGE"]
)
def test_two_columns_of_one_name_are_refused(header: str) -> None:
    with pytest.raises(DataError, match="several columns named"):
        opened(f"{header}\n1,2,3\n")


@pytest.mark.parametrize("name", ["price (EUR)", "Price_EUR", "Price €", "price [GBP]"])
def test_a_price_column_in_another_currency_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="must be in US dollars"):
        opened(f"country,{name}\nFrance,3\n")


@pytest.mark.parametrize("name", ["price (USD)", "Price_USD", "PRICE $", "Price"])
def test_a_price_column_in_dollars_is_the_price(name: str) -> None:
    assert opened(f"country,{name}\nFrance,3\n").columns.places["price"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (zipped(**{"[Content_Types].xml": b"<x/>"}), "spreadsheet.*CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"\.xls\).*Save As"),
        (zipped(a=b"1", b=b"2"), "zip of 2 files"),
        (b"PK\x03\x04 broken", "broken or cut zip"),
        (b"PAR1xxxx", "is Parquet"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'[{"country": "France"}]', "is JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (gzip.compress(b"country,price\n" * 99)[:-9], "broken or cut gzip"),
        ("country,province\nCôte,Rhône\n".encode() + b"Rh\xf4ne,x\n", "UTF-8 up to line 3"),
        (b"country,province\nFrance,\x81\x8d\n", "neither UTF-8 nor Windows-1252"),
        (written().encode("utf-16")[:-1], "UTF-16 and is cut"),
    ],
    ids=["empty", "blank", "xlsx", "xls", "two in zip", "cut zip", "parquet", "html", "json", "lfs",
         "cut gzip", "mixed", "unknown", "cut utf-16"],
)  # fmt: skip
def test_what_is_no_csv_is_refused_with_advice_that_fits(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        opened(content)


def test_a_quote_that_is_never_closed_is_a_cut_download() -> None:
    with pytest.raises(DataError, match="cut download"):
        rows_of('country,province\nFrance,"Alsace\n')
