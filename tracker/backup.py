"""`python -m tracker.backup FOLDER`: dump the tracker's database, check the dump, keep the newest ones.

Runs, versions, aliases and users are in the database; the artefacts are in the bucket, which keeps its
own versions. A backup is `tracker-<UTC time>.dump` with its SHA-256 beside it. With BACKUP_URI a copy
goes to a bucket: a backup on the disk that dies is none. BACKUP_PING_URL, a dead man's switch, is asked
once all of that is done.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.request import HTTPHandler, HTTPSHandler, build_opener

from tracker.checksum import checksum_file, sha256
from tracker.database import Database, ToolFailed, run_tool
from tracker.offsite import NotReached, upload

LONGEST_DUMP: Final = 6 * 3600
"""Seconds: a dump that is younger may be another's that goes on."""


def back_up(database: Database, folder: Path, *, now: datetime, keep: int) -> Path:
    """Write one backup to `folder` and return its path; older ones beyond `keep` are removed.

    A dump that was cut short never carries the final name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = folder / f"tracker-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.dump"
    partial = final.with_suffix(".part")
    _remove_cut_off(folder, now)
    database.run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(partial))
    run_tool(["pg_restore", "--list", str(partial)], None)  # it can be read back
    partial.chmod(0o600)
    checksum_file(final).write_text(f"{sha256(partial)}  {final.name}\n")
    partial.rename(final)
    for old in sorted(folder.glob("tracker-*.dump"))[:-keep]:
        old.unlink()
        checksum_file(old).unlink(missing_ok=True)
    return final


def _remove_cut_off(folder: Path, now: datetime) -> None:
    """What dumps left that were cut short: on a full disk each night's would make it fuller."""
    for part in folder.glob("tracker-*.part"):
        if now.timestamp() - part.stat().st_mtime > LONGEST_DUMP:
            part.unlink()
            checksum_file(part.with_suffix(".dump")).unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tracker.backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the backups are kept")
    parser.add_argument("--keep", type=int, default=14, help="how many backups to keep (default 14)")
    options = parser.parse_args(arguments)
    try:
        database = Database.from_uri(os.environ["BACKEND_STORE_URI"])
        path = back_up(database, options.folder, now=datetime.now(UTC), keep=max(1, options.keep))
    except KeyError:
        sys.stderr.write("BACKEND_STORE_URI is not set: the tracker's PostgreSQL URI\n")
        return 2
    except (ToolFailed, OSError) as error:
        sys.stderr.write(f"No backup was made. {error}\n")
        return 1
    sys.stdout.write(f"{path} ({path.stat().st_size:,} bytes)\n")
    return _copy(path, os.environ.get("BACKUP_URI")) or _ping(os.environ.get("BACKUP_PING_URL"))


def _copy(path: Path, folder: str | None) -> int:
    if not folder:
        return 0
    try:
        sys.stdout.write(f"{upload(path, folder)}\n")
    except NotReached as error:
        sys.stderr.write(f"The backup is on this host only. {error}\n")
        return 1
    return 0


def _ping(url: str | None) -> int:
    if not url:
        return 0
    try:
        with build_opener(HTTPHandler, HTTPSHandler).open(url, timeout=20):
            return 0
    except (OSError, ValueError, HTTPException) as error:
        sys.stderr.write(
            f"The backup is made, but BACKUP_PING_URL was not reached ({type(error).__name__}): whoever "
            "waits for it will be alarmed. Is the address right?\n"
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
