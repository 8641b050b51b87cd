from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from fsspec.implementations.local import LocalFileSystem

from flows.data import storage
from flows.data.datasets import prepare, read_dataset
from flows.errors import DataUnavailable
from flows.training.reports.validation import bad_rows_csv, validation_markdown
from pricing.errors import DataError
from pricing.synthetic.reviews import MARKER_FILE, sample
from pricing.wine.schema import FIELDS, PRICE


@pytest.fixture(scope="module")
def reviews() -> tuple[pd.DataFrame, pd.DataFrame]:
    made = sample(train_rows=300, test_rows=120)
    return made.train, made.test


@pytest.fixture
def folder(tmp_path: Path, reviews: tuple[pd.DataFrame, pd.DataFrame]) -> Path:
    write(tmp_path, *reviews)
    return tmp_path


def write(folder: Path, train: pd.DataFrame, test: pd.DataFrame) -> None:
    train.to_csv(folder / "winemag-train.csv", index=False)
    test.to_csv(folder / "winemag-test.csv", index=False)


def test_content_identifies_the_data_not_its_place(folder: Path, tmp_path_factory, reviews) -> None:
    copy = tmp_path_factory.mktemp("copy")
    write(copy, *reviews)
    first, second = read_dataset(str(folder)), read_dataset(copy.as_uri())
    assert first.sha256 == second.sha256
    write(copy, reviews[0].head(299), reviews[1])
    assert read_dataset(str(copy)).sha256 != first.sha256


def test_the_marker_file_makes_data_synthetic(folder: Path) -> None:
    assert not read_dataset(str(folder)).synthetic
    (folder / MARKER_FILE).write_text("made up")
    assert read_dataset(str(folder)).synthetic


def test_test_rows_that_repeat_training_wines_are_dropped_and_counted(folder: Path, reviews) -> None:
    train, test = reviews
    write(folder, train, pd.concat([test, train.dropna(subset=["price", "country"]).head(5)]))
    clean_only = prepare(_with(folder, train, test))
    mixed = prepare(_with(folder, train, pd.concat([test, train.head(5)])))
    assert mixed.shared > 0
    assert len(mixed.test) <= len(clean_only.test)


def _with(folder: Path, train: pd.DataFrame, test: pd.DataFrame):
    write(folder, train, test)
    return read_dataset(str(folder))


def test_a_test_file_that_is_the_training_file_is_refused(folder: Path, reviews) -> None:
    with pytest.raises(DataError, match="Split by wine"):
        prepare(_with(folder, reviews[0], reviews[0]))


def test_feedback_joins_the_training_rows_and_never_touches_the_test(folder: Path) -> None:
    dataset = read_dataset(str(folder))
    before = prepare(dataset)
    told_again = before.test.head(3)[[*FIELDS, PRICE]]
    new = pd.DataFrame(
        [{"country": "US", "description": "A note about nothing else at all", "province": "Oregon",
          "millesime": "2014", "winery": "Nobody Else", PRICE: 33.0}]
    ).reindex(columns=[*FIELDS, PRICE])  # fmt: skip
    after = prepare(dataset, pd.concat([told_again, new], ignore_index=True))
    assert after.feedback_rows == 1
    assert len(after.train) == len(before.train) + 1
    pd.testing.assert_frame_equal(after.test, before.test)


def test_training_prices_follow_the_level_and_test_prices_do_not(folder: Path) -> None:
    dataset = read_dataset(str(folder))
    plain, dearer = prepare(dataset), prepare(dataset, price_level=0.1)
    assert (dearer.train[PRICE] / plain.train[PRICE]).round(6).unique().tolist() == [1.105171]
    assert dearer.test[PRICE].equals(plain.test[PRICE])


def test_bad_rows_are_listed_with_line_and_reason(folder: Path, reviews) -> None:
    train = reviews[0].astype({"price": "object"})
    train.loc[3, "price"] = "on request"
    dataset = _with(folder, train, reviews[1])
    text = validation_markdown(dataset, prepare(dataset))
    assert "| winemag-train.csv | 5 | price | on request | price is not a number |" in text
    assert "winemag-train.csv,5,price,on request,price is not a number" in bad_rows_csv(dataset)


def test_a_missing_folder_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(DataUnavailable, match="that holds winemag-train"):
        read_dataset(str(tmp_path / "nowhere"))


def test_an_incomplete_download_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = LocalFileSystem.cat_file
    monkeypatch.setattr(LocalFileSystem, "cat_file", lambda self, path, **_: whole(self, path)[:-10])
    with pytest.raises(DataUnavailable, match="came incomplete"):
        storage.read_bytes(str(folder / "winemag-test.csv"))


def test_an_unknown_scheme_is_explained() -> None:
    with pytest.raises(DataUnavailable, match="Use s3://"):
        storage.read_bytes("ftpx://host/file")
