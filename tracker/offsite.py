"""Backups away from the host: an S3 folder, with the credentials that boto3 finds (a role first)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from tracker.checksum import checksum_file


class NotReached(Exception):
    """The bucket cannot be reached or refuses; the message says which."""


def upload(dump: Path, folder: str) -> str:
    """Copy a dump and its checksum to `s3://bucket/folder`; return the copy's URI."""
    bucket, prefix = _place(folder)
    try:
        client = boto3.client("s3")
        for path in (checksum_file(dump), dump):  # the dump last: where it is, its checksum is
            client.upload_file(str(path), bucket, f"{prefix}{path.name}")
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        raise NotReached(
            f"{folder} could not be written: {error}. Has it room, and may the role do s3:PutObject?"
        ) from error
    return f"s3://{bucket}/{prefix}{dump.name}"


def download(uri: str, folder: Path) -> Path:
    """Fetch `s3://bucket/…/tracker-….dump` and its checksum into `folder`."""
    bucket, key = _place(uri)
    dump = folder / key.rstrip("/").rpartition("/")[2]
    try:
        client = boto3.client("s3")
        client.download_file(bucket, key.rstrip("/"), str(dump))
        client.download_file(bucket, checksum_file(Path(key)).as_posix(), str(checksum_file(dump)))
    except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
        raise NotReached(f"{uri} could not be read: {error}. Is the name right?") from error
    return dump


def _place(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise NotReached(f"{uri!r} is no bucket. Example: s3://my-bucket/backups/")
    path = parts.path.lstrip("/")
    return parts.netloc, f"{path.rstrip('/')}/" if path else ""
