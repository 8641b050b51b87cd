"""The tracker's backups: how old the newest is, and whether it is anywhere but on this disk."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from deployments.doctor.finding import Env, Finding, fail, ok, skip

OLDEST: Final = timedelta(hours=36)
"""One night may be missed by a reboot; two may not."""
NAME: Final = re.compile(r"tracker-(\d{8}T\d{6}Z)\.dump")
BY_HAND: Final = "journalctl -u wine-backup says why; by hand: sudo wine-run tracker.backup /var/backups/wine"


def check_backups(env: Env) -> list[Finding]:
    folder = env.get("BACKUP_FOLDER", "").strip()
    if not folder:
        return [skip("backups", "BACKUP_FOLDER is not set: the tracker is not backed up from here")]
    return [_age(Path(folder), datetime.now(UTC)), _elsewhere(env.get("BACKUP_URI", "").strip())]


def _age(folder: Path, now: datetime) -> Finding:
    try:
        names = [found[1] for path in folder.iterdir() if (found := NAME.fullmatch(path.name))]
    except OSError as error:
        return fail("last backup", f"{folder} cannot be read: {error.strerror}", BY_HAND)
    if not names:
        return fail("last backup", f"there is none in {folder}", BY_HAND)
    newest = datetime.strptime(max(names), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    age = f"{max((now - newest).total_seconds(), 0) / 3600:.0f} hours old, of {len(names)} in {folder}"
    return ok("last backup", age) if now - newest < OLDEST else fail("last backup", age, BY_HAND)


def _elsewhere(uri: str) -> Finding:
    if uri.startswith("s3://"):
        return ok("backups elsewhere", uri)
    todo = "Set BACKUP_URI in /etc/wine/host.env, for example BACKUP_URI=s3://my-bucket/backups/"
    if uri:
        return fail("backups elsewhere", f"BACKUP_URI is {uri!r}, which is no bucket", todo)
    return fail("backups elsewhere", "BACKUP_URI is not set: they die with this disk", todo)
