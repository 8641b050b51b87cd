"""Results on a disk and on S3: whole, or absent, whatever fails while they are written."""

from __future__ import annotations

from pathlib import Path

import boto3
import fsspec
import pandas as pd
import pytest
import s3fs
from fsspec.implementations.local import LocalFileSystem

from flows.data.whole_file import whole_file
from flows.errors import DataUnavailable
from flows.scoring import catalogue as catalogues
from flows.scoring.catalogue import catalogue
from flows.scoring.job import SavedModel, score_catalogue
from pricing.storage import skops_file

pytestmark = pytest.mark.integration
LARGE = b"x" * (60 << 20)
"""More than one part of an upload."""


@pytest.mark.parametrize("content", [b"", b"few", LARGE], ids=["nothing", "few", "several parts"])
def test_an_error_while_writing_to_s3_leaves_what_was_there(bucket: str, content: bytes) -> None:
    files, path = fsspec.core.url_to_fs(f"{bucket}/priced.csv")
    with whole_file(files, path) as out:
        out.write(b"of before")
    with pytest.raises(ZeroDivisionError):
        write_and_fail(files, path, content)
    files.invalidate_cache()
    assert files.cat_file(path) == b"of before"
    assert "Uploads" not in boto3.client("s3").list_multipart_uploads(Bucket=path.split("/")[0])


def write_and_fail(files, path: str, content: bytes) -> None:
    with whole_file(files, path) as out:
        out.write(content)
        raise ZeroDivisionError


@pytest.mark.parametrize("content", [b"", b"few", LARGE], ids=["nothing", "few", "several parts"])
def test_without_an_error_it_is_there_whole(bucket: str, content: bytes) -> None:
    files, path = fsspec.core.url_to_fs(f"{bucket}/priced.csv")
    with whole_file(files, path) as out:
        out.write(content)
    files.invalidate_cache()
    assert files.cat_file(path) == content


@pytest.fixture
def model(saved_model: Path) -> SavedModel:
    return SavedModel(saved_model, "7", skops_file.sha256_of(saved_model))


@pytest.fixture
def source(wines: pd.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "wines.csv"
    wines.head(400).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("place", ["disk", "s3"])
def test_a_part_that_cannot_be_read_leaves_no_output(  # noqa: PLR0917 - fixtures
    kind: str, place: str, model: SavedModel, source: Path, request: pytest.FixtureRequest, monkeypatch
) -> None:
    folder = str(source.parent) if place == "disk" else request.getfixturevalue("bucket")
    output = f"{folder}/broken-{place}.{kind}"
    monkeypatch.setattr(catalogues, "CHUNK_ROWS", 100)
    with monkeypatch.context() as patch:
        patch.setattr(LocalFileSystem, "cat_file", breaking(LocalFileSystem.cat_file))
        patch.setattr(s3fs.S3FileSystem, "_cat_file", breaking_later(s3fs.S3FileSystem._cat_file))
        with pytest.raises(DataUnavailable, match="reset by peer"):
            score_catalogue(catalogue(str(source)), output, model, workers=1)
    s3fs.S3FileSystem.clear_instance_cache()  # of the file system that breaks
    files, path = fsspec.core.url_to_fs(output)
    files.invalidate_cache()
    assert not files.exists(path)

    result = score_catalogue(catalogue(str(source)), output, model, workers=1)
    assert result.taken_over == result.parts == 4
    files.invalidate_cache()
    assert files.exists(path)
    with fsspec.open(output, "rb") as file:
        priced = pd.read_csv(file) if kind == "csv" else pd.read_parquet(file)
    assert len(priced) == result.scored


def breaking(cat_file):
    def broken(self, path: str, *args, **options) -> bytes:
        if path.endswith("00000003.rows"):
            raise ConnectionResetError("reset by peer")
        return cat_file(self, path, *args, **options)

    return broken


def breaking_later(cat_file):
    async def broken(self, path: str, *args, **options) -> bytes:
        if path.endswith("00000003.rows"):
            raise ConnectionResetError("reset by peer")
        return await cat_file(self, path, *args, **options)

    return broken


def test_missing_credentials_and_buckets_are_explained(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataUnavailable, match=r"no-such-bucket/wines\.csv"):
        catalogue("s3://no-such-bucket/wines.csv")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(DataUnavailable, match="Check AWS credentials"):
        catalogue(f"{bucket}/wines.csv")
    s3fs.S3FileSystem.clear_instance_cache()
