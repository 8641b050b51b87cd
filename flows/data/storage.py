"""Files by URI: `s3://…`, `file://…` or a plain path, read whole and checked for being whole."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Literal

import fsspec
from aiohttp import ClientError as TransferError
from botocore.exceptions import BotoCoreError, ClientError

from flows.errors import DataUnavailable

_S3: Final = ("s3://", "s3a://")
_S3_OPTIONS: Final[dict[str, Any]] = {
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 3}},
}
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_FULL_BUCKET: Final = ("Quota", "StorageFull")
"""Parts of the codes of stores with a quota: Ceph's QuotaExceeded, MinIO's XMinioStorageFull and the like."""
_FOLDER_ADVICE: Final = (
    "Put it there, or point ARTIFACT_DATA (or the run's data_uri) at the folder that holds "
    "winemag-train.csv and winemag-test.csv."
)

Doing = Literal["read", "written"]
FAILURES: Final = (OSError, BotoCoreError, ClientError, TransferError)
"""What a store raises when it cannot be reached, refuses, or lacks a file."""


def join(folder: str, name: str) -> str:
    """The URI of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def exists(uri: str) -> bool:
    """Whether there is a file at `uri`. Raises `DataUnavailable` when that cannot be found out."""
    with explained(uri):
        files, path = files_of(uri)
        return bool(files.exists(path))


def read_bytes(uri: str, *, advice: str = _FOLDER_ADVICE) -> bytes:
    """The whole file. Raises `DataUnavailable` for one that is missing (with `advice`), unreadable or cut."""
    with explained(uri, advice=advice):
        files, path = files_of(uri)
        files.invalidate_cache()
        size = files.info(path)["size"]
        content: bytes = files.cat_file(path)
    if size is not None and len(content) != size:
        raise DataUnavailable(
            f"{uri} came incomplete: {len(content):,} of {size:,} bytes. Run again; if it happens again, "
            "look at the network and at the store."
        )
    return content


def write_bytes(uri: str, content: bytes) -> None:
    """Write the whole file, its folder made. Raises `DataUnavailable` when the store refuses."""
    with explained(uri, doing="written"):
        files, path = files_of(uri)
        if not uri.startswith(_S3):  # there makedirs would make the bucket
            files.makedirs(files._parent(path), exist_ok=True)
        files.pipe_file(path, content)


@contextmanager
def opened(uri: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, to be read from its beginning."""
    files, path = files_of(uri)
    with files.open(path, "rb") as file:
        yield file


def files_of(uri: str) -> tuple[Any, str]:
    """The file system of a URI, and its path there."""
    try:
        files, path = fsspec.core.url_to_fs(uri, **(_S3_OPTIONS if uri.startswith(_S3) else {}))
    except (ValueError, ImportError) as error:
        raise DataUnavailable(
            f"{uri} cannot be opened: {error}. Use s3://bucket/folder/, file:///folder or a path."
        ) from error
    return files, path


def same_place(uri: str, other: str) -> bool:
    """Whether two URIs are one file, however they are written."""
    (files, path), (others, other_path) = files_of(uri), files_of(other)
    if type(files) is not type(others):
        return False
    return bool(_real(files, path) == _real(others, other_path))


@contextmanager
def explained(uri: str, *, advice: str = "Check the path.", doing: Doing = "read") -> Iterator[None]:
    """Turn whatever a store raises into one `DataUnavailable` that says what to do."""
    try:
        yield
    except FileNotFoundError as error:
        raise DataUnavailable(f"There is no {_missing(uri, error)}. {advice}") from error
    except FAILURES as error:
        raise DataUnavailable(_message(uri, error, doing)) from error


def _real(files: Any, path: str) -> str:  # noqa: ANN401 - whatever fsspec gives
    if "file" not in files.protocol:
        return "/".join(part for part in path.split("/") if part)
    return str(Path(path).resolve())


def _missing(uri: str, error: FileNotFoundError) -> str:
    bucket = "bucket" in str(error).lower()
    return f"bucket of {uri}" if bucket else f"file {uri}"


def _message(uri: str, error: Exception, doing: Doing) -> str:
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"{uri} cannot be written: the disk is full. Make room and run again."
    if _is_full_bucket(error):
        return (
            f"{uri} cannot be written: the bucket is full. Delete what is old, or raise its quota; run again."
        )
    advice = (
        "Check AWS credentials (a role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the bucket's "
        "policy and AWS_ENDPOINT_URL."
        if uri.startswith(_S3)
        else "Check the path and its permissions."
    )
    return f"{uri} cannot be {doing} ({type(error).__name__}: {str(error)[:300]}). {advice}"


def _is_full_bucket(error: BaseException) -> bool:
    """s3fs raises an OSError of its own, whose cause is the answer of the store."""
    causes = (each for each in (error, error.__cause__) if isinstance(each, ClientError))
    codes = (str(each.response.get("Error", {}).get("Code")) for each in causes)
    return any(part in code for code in codes for part in _FULL_BUCKET)
