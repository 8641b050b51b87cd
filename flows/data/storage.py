"""Files by URI: `s3://…`, `file://…` or a plain path, read whole and checked for being whole."""

from __future__ import annotations

from typing import Any, Final

import fsspec
from aiohttp import ClientError as TransferError
from botocore.exceptions import BotoCoreError, ClientError

from flows.errors import DataUnavailable

_S3_OPTIONS: Final[dict[str, Any]] = {
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 3}},
}


_FAILURES: Final = (OSError, BotoCoreError, ClientError, TransferError)


def join(folder: str, name: str) -> str:
    """The URI of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}"


def exists(uri: str) -> bool:
    """Whether there is a file at `uri`. Raises `DataUnavailable` when that cannot be told."""
    files, path = _open(uri)
    try:
        return bool(files.exists(path))
    except _FAILURES as error:
        raise DataUnavailable(_message(uri, error)) from error


def read_bytes(uri: str) -> bytes:
    """The whole file. Raises `DataUnavailable` for a missing, unreadable or cut one."""
    files, path = _open(uri)
    try:
        files.invalidate_cache()
        size = files.info(path)["size"]
        content: bytes = files.cat_file(path)
    except FileNotFoundError as error:
        raise DataUnavailable(
            f"There is no file {uri}. Put it there, or point ARTIFACT_DATA (or the run's data_uri) at the "
            "folder that holds winemag-train.csv and winemag-test.csv."
        ) from error
    except _FAILURES as error:
        raise DataUnavailable(_message(uri, error)) from error
    if size is not None and len(content) != size:
        raise DataUnavailable(
            f"{uri} came incomplete: {len(content):,} of {size:,} bytes. Run again; if it happens again, "
            "look at the network and at the store."
        )
    return content


def _open(uri: str) -> tuple[Any, str]:
    options = _S3_OPTIONS if uri.startswith(("s3://", "s3a://")) else {}
    try:
        files, path = fsspec.core.url_to_fs(uri, **options)
    except (ValueError, ImportError) as error:
        raise DataUnavailable(
            f"{uri} cannot be opened: {error}. Use s3://bucket/folder/, file:///folder or a path."
        ) from error
    return files, path


def _message(uri: str, error: Exception) -> str:
    advice = (
        "Check AWS credentials (a role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), the bucket's "
        "policy and AWS_ENDPOINT_URL."
        if uri.startswith("s3")
        else "Check the path and its permissions."
    )
    return f"{uri} cannot be read ({type(error).__name__}: {str(error)[:300]}). {advice}"
