"""`python -m tracker.restore DUMP [--replace]`: put a backup back, all of it or nothing.

DUMP is a file or `s3://bucket/…/tracker-….dump`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracker.checksum import checksum_file, sha256
from tracker.database import Database, ToolFailed, run_tool
from tracker.offsite import NotReached, download

PSQL: Final = ("--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1")
EMPTY_SCHEMA: Final = (
    "SET client_min_messages = warning; DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"
)


class RefusedRestore(Exception):
    """The backup is damaged, or the database is not empty and nobody said to replace it."""


def restore(database: Database, dump: Path, *, replace: bool) -> int:
    """Load `dump` into `database` in one transaction and return the number of tables it then has.

    The tracker must be stopped. A database with tables in it is refused unless `replace`.
    """
    _check(dump)
    if database.tables() and not replace:
        raise RefusedRestore("The database is not empty. Stop the tracker and add --replace to overwrite it.")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        run_tool(["pg_restore", "--no-owner", "--no-privileges", "--file", str(script), str(dump)], None)
        database.run("psql", *PSQL, "--command", EMPTY_SCHEMA, "--file", str(script))
    return database.tables()


def _check(dump: Path) -> None:
    if not dump.is_file():
        raise RefusedRestore(f"{dump} does not exist. Backups are named tracker-<time>.dump.")
    checksum = checksum_file(dump)
    if checksum.is_file() and checksum.read_text().split()[0] != sha256(dump):
        raise RefusedRestore(f"{dump} is not what was written: its SHA-256 differs. Take another backup.")


def _restore_from(dump: str, database: Database, *, replace: bool) -> int:
    if not dump.startswith("s3://"):
        return restore(database, Path(dump), replace=replace)
    with tempfile.TemporaryDirectory() as folder:
        return restore(database, download(dump, Path(folder)), replace=replace)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tracker.restore", description=__doc__)
    parser.add_argument("dump", help="a file, or s3://bucket/…/tracker-….dump")
    parser.add_argument("--replace", action="store_true", help="drop what the database holds")
    options = parser.parse_args(arguments)
    uri = os.environ.get("BACKEND_STORE_URI")
    if not uri:
        sys.stderr.write("BACKEND_STORE_URI is not set: the tracker's PostgreSQL URI\n")
        return 2
    try:
        tables = _restore_from(options.dump, Database.from_uri(uri), replace=options.replace)
    except (RefusedRestore, NotReached, ToolFailed) as error:
        sys.stderr.write(f"Nothing was restored. {error}\n")
        return 1
    sys.stdout.write(f"Restored {tables} tables from {options.dump}. Start the tracker.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
