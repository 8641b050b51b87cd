"""What a run of `archive` does: a file a day."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from prefect import State, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed

from configuration.errors import SettingsError
from flows.archiving.log_archive import TABLES, ArchivedDay, LogArchive
from flows.orchestration import artifacts, failures
from flows.orchestration.markdown import counted, table
from flows.orchestration.retries import IO
from flows.settings import FlowSettings

ARCHIVE_KEY: Final = "wine-archive"


def run(keep_days: int, archive_uri: str | None, *, least_days: int) -> State[Any]:
    """Move predictions older than `keep_days`, which must be `least_days` or more, to files."""
    failures.tell_once()
    try:
        settings = FlowSettings.from_env({"MLFLOW_TRACKING_URI": "file:unused", **os.environ})
        folder = archive_uri or settings.archive_uri
        if settings.neon_uri is None or folder is None:
            return Completed(message="Nothing is archived: NEON_URI or ARCHIVE_URI is not set.")
        if keep_days < least_days:
            raise SettingsError.of(
                "keep_days", f"is {keep_days}; drift looks at the last {least_days} days", str(least_days)
            )
        moved = _move(LogArchive(settings.neon_uri, folder), keep_days)
    except failures.HANDLED as error:
        return failures.failed(error)
    if not moved:
        return Completed(message=f"Nothing to archive: no prediction to move is older than {keep_days} days.")
    artifacts.show(ARCHIVE_KEY, _report(folder, keep_days, moved), description="Archived predictions")
    rows = sum(each.rows for each in moved)
    days = counted(len(moved), "day")
    return Completed(message=f"{counted(rows, 'row')} of {days} moved to {folder}.")


def _move(log: LogArchive, keep_days: int) -> list[ArchivedDay]:
    """Move every day that is old enough, the oldest first."""
    before = (datetime.now(UTC) - timedelta(days=keep_days)).date()
    return [move_day(log, table, day) for table in TABLES for day in list_days(log, table, before)]


@task(name="list-days", cache_policy=NO_CACHE, timeout_seconds=600, **IO)
def list_days(log: LogArchive, table: str, before: date) -> list[date]:
    """Days before a day that have rows to move."""
    return log.days(table, before=before)


@task(name="move-day", cache_policy=NO_CACHE, timeout_seconds=3600, **IO)
def move_day(log: LogArchive, table: str, day: date) -> ArchivedDay:
    """Move one day of a table."""
    moved = log.move(table, day)
    get_run_logger().info("%s: %s of %s", table, counted(moved.rows, "row"), day)
    return moved


def _report(folder: str, keep_days: int, moved: list[ArchivedDay]) -> str:
    rows = [(each.table, each.day, f"{each.rows:,}", f"{each.size:,}", f"`{each.uri}`") for each in moved]
    listed = table(("table", "day", "rows", "bytes", "file"), rows)
    return f"Older than {keep_days} days, now in `{folder}`:\n\n{listed}\n"
