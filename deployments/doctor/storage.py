"""Buckets and folders: whether the training data are there and artefacts may be written."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import fsspec
from botocore.exceptions import BotoCoreError, ClientError

from deployments.doctor.finding import Env, Finding, fail, ok, skip

FILES: Final = ("winemag-train.csv", "winemag-test.csv")
PROBLEMS: Final = (OSError, BotoCoreError, ClientError, ValueError)
ROLE: Final = "Give the instance's role (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) "


def check_storage(env: Env) -> list[Finding]:
    return [_data(env.get("ARTIFACT_DATA", "").strip()), _artefacts(env.get("ARTIFACT_ROOT", "").strip())]


def _data(uri: str) -> Finding:
    if not uri:
        return skip("training data", "ARTIFACT_DATA is not set: each run names its own folder")
    try:
        missing = [name for name in FILES if not _exists(uri, name)]
    except PROBLEMS as error:
        return fail(
            "training data", f"{uri} cannot be read: {error}", ROLE + "s3:ListBucket and s3:GetObject."
        )
    if missing:
        return fail("training data", f"{uri} lacks {', '.join(missing)}", "Put the files there.")
    return ok("training data", f"both files are in {uri}")


def _exists(uri: str, name: str) -> bool:
    system, path = fsspec.core.url_to_fs(f"{uri.rstrip('/')}/{name}")
    return bool(system.exists(path))


def _artefacts(uri: str) -> Finding:
    if not uri:
        return skip("artefacts", "ARTIFACT_ROOT is not set: only the tracker needs it")
    probe = f"{uri.rstrip('/')}/.doctor-{uuid4().hex}"
    try:
        system, path = fsspec.core.url_to_fs(probe)
        system.makedirs(system._parent(path), exist_ok=True)
        system.pipe_file(path, b"written by the doctor")
        system.rm_file(path)
    except PROBLEMS as error:
        todo = ROLE + "s3:PutObject, s3:GetObject and s3:DeleteObject."
        return fail("artefacts", f"{uri} cannot be written: {error}", todo)
    return ok("artefacts", f"{uri} can be written, read and cleared")
