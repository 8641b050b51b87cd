from pathlib import Path

import pandas as pd
import pytest

from deployments.local.data.check import describe, require_data
from deployments.local.data.sample import write_sample
from deployments.local.errors import StackError
from deployments.local.settings import StackSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_sample(tmp_path / "data", train_rows=80, test_rows=80)
    return tmp_path / "data"


def test_the_sample_is_accepted_and_called_synthetic(tmp_path: Path, folder: Path) -> None:
    require_data(folder)
    assert "SYNTHETIC" in describe(StackSettings(state=tmp_path, data=folder))


def test_the_sample_is_written_once(folder: Path) -> None:
    before = (folder / "winemag-train.csv").stat().st_mtime_ns
    assert not write_sample(folder, train_rows=80, test_rows=80)
    assert (folder / "winemag-train.csv").stat().st_mtime_ns == before


def test_a_half_written_sample_is_written_again(folder: Path) -> None:
    (folder / "SYNTHETIC.md").unlink()
    (folder / "winemag-train.csv").write_text("id,country\n")
    assert write_sample(folder, train_rows=80, test_rows=80)
    require_data(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="nowhere is not a folder"):
        require_data(tmp_path / "nowhere")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "winemag-test.csv").unlink()
    with pytest.raises(StackError, match=r"has no winemag-test\.csv"):
        require_data(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("country,description,price,province,title\n", "has a header and no rows")],
)
def test_a_file_without_reviews_is_named(folder: Path, content: str, said: str) -> None:
    (folder / "winemag-train.csv").write_text(content)
    with pytest.raises(StackError, match=rf"winemag-train\.csv {said}"):
        require_data(folder)


def test_missing_columns_are_named(folder: Path) -> None:
    (folder / "winemag-train.csv").write_text("country,description,title\nUS,good,A 2010\n")
    with pytest.raises(StackError, match="has no column province, price; its columns are country"):
        require_data(folder)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_files_in_other_encodings_are_taken(folder: Path, encoding: str) -> None:
    for name in ("winemag-train.csv", "winemag-test.csv"):
        text = (folder / name).read_text().replace("France", "Côte")
        (folder / name).write_bytes(text.encode(encoding, errors="replace"))
    require_data(folder)


def test_a_file_of_two_encodings_is_named_with_the_line(folder: Path) -> None:
    with (folder / "winemag-train.csv").open("ab") as file:
        file.write("1,France,Château,,,20,Bordeaux,,,,,B 2010,,\n".encode("cp1252"))
    with pytest.raises(StackError, match=r"UTF-8 up to line 82.*Save that part as UTF-8"):
        require_data(folder)


def test_prices_that_are_no_numbers_are_named_with_their_line(folder: Path) -> None:
    _change(folder, price="on request")
    with pytest.raises(StackError, match=r"price is not a number: 80.*first is line 2.*Repair it"):
        require_data(folder)


def test_a_training_file_with_one_country_is_taken_for_cut(folder: Path) -> None:
    _change(folder, country="France")
    with pytest.raises(StackError, match=r"one country \(France\).*Put the whole file there"):
        require_data(folder)


def _change(folder: Path, **cells: str) -> None:
    path = folder / "winemag-train.csv"
    pd.read_csv(path).assign(**cells).to_csv(path, index=False)
