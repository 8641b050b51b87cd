"""The flow run that is running: its identity, and the name it gets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from prefect.runtime import flow_run

_OUTSIDE: Final = uuid.UUID(int=0)
_LONGEST: Final = 80


def flow_run_id() -> str:
    """The id of this run; zeros outside of a run."""
    return str(flow_run.get_id() or _OUTSIDE)


def flow_run_name() -> str:
    return str(flow_run.get_name() or "outside of a flow run")


def named(pattern: str, **written: Callable[[Any], str]) -> Callable[[], str]:
    """How a flow's runs are named: `pattern` with its parameters, each as `written` writes it.

    `{today}` is the date in UTC. Parameters without a function are written as they are.
    """

    def name() -> str:
        given = {key: written.get(key, str)(value) for key, value in flow_run.get_parameters().items()}
        today = datetime.now(UTC).date().isoformat()
        return " ".join(pattern.format(today=today, **given).split())[:_LONGEST]

    return name


def name_of_file(uri: object) -> str:
    """The last part of a path or URI."""
    return str(uri).rstrip("/").rpartition("/")[2]


def in_utc(moment: datetime | None) -> datetime:
    """A moment in UTC, now where none is given; a time without a zone is taken for UTC."""
    if moment is None:
        return datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
