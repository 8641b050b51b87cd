"""Large files go to S3 in parts; a download that is cut off is completed or refused."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
import s3fs

from flows.data import storage
from flows.errors import DataUnavailable
from tests.integration.s3 import lead_to
from tests.integration.tracker.wire import Wire
from tracker.checksum import checksum_file, sha256
from tracker.offsite import NotReached, download, upload

pytestmark = [
    pytest.mark.integration,
    # boto3 and s3fs leave connections that broke to the garbage collector, which complains
    pytest.mark.filterwarnings("ignore:.*<socket.socket.*:pytest.PytestUnraisableExceptionWarning"),
]

LARGE = bytes(range(256)) * 100_000  # 25 MB
ALWAYS = 1_000_000
FOLDER = "s3://wine/wire/"


@pytest.fixture(autouse=True)
def environment(s3: dict[str, str], wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """boto3 and s3fs as on the host: they find the server by AWS_ENDPOINT_URL alone."""
    lead_to({**s3, "AWS_ENDPOINT_URL": wire.url}, monkeypatch)
    yield
    s3fs.S3FileSystem.clear_instance_cache()
    gc.collect()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "tracker-20261122T031700Z.dump"
    path.write_bytes(LARGE)
    checksum_file(path).write_text(f"{sha256(path)}  {path.name}\n")
    return path


def put(name: str, content: bytes) -> str:
    with closing(boto3.client("s3")) as client:
        client.put_object(Bucket="wine", Key=f"wire/{name}", Body=content)
    return f"{FOLDER}{name}"


def test_backup_goes_up_in_parts(dump: Path, wire: Wire) -> None:
    uri = upload(dump, FOLDER)
    assert wire.count("POST", "uploads") == 1
    assert wire.count("PUT", "uploadId", "partNumber") >= 3
    assert wire.count("POST", "uploadId") == 1
    assert storage.read_bytes(uri) == LARGE


def test_backup_that_is_cut_off_on_its_way_back_is_completed(dump: Path, wire: Wire, tmp_path: Path) -> None:
    uri = upload(dump, FOLDER)
    wire.cuts = 1
    (tmp_path / "back").mkdir()
    assert download(uri, tmp_path / "back").read_bytes() == LARGE
    assert wire.cuts == 0


def test_backup_that_never_comes_whole_is_refused(dump: Path, wire: Wire, tmp_path: Path) -> None:
    uri = upload(dump, FOLDER)
    wire.cuts = ALWAYS
    (tmp_path / "back").mkdir()
    with pytest.raises(NotReached, match=r"tracker-20261122T031700Z\.dump could not be read"):
        download(uri, tmp_path / "back")
    assert not list((tmp_path / "back").glob("*.dump"))


def test_reviews_that_are_cut_off_are_read_again(wire: Wire) -> None:
    uri = put("winemag-train.csv", LARGE)
    wire.cuts = 1
    assert storage.read_bytes(uri) == LARGE
    assert wire.cuts == 0


def test_reviews_that_never_come_whole_are_refused(wire: Wire) -> None:
    uri = put("winemag-train.csv", LARGE)
    wire.cuts = ALWAYS
    with pytest.raises(DataUnavailable, match=r"s3://wine/wire/winemag-train\.csv"):
        storage.read_bytes(uri)
