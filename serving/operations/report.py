"""The operators' report: figures of a span of time, by bucket and overall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec


@dataclass(frozen=True, slots=True)
class Span:
    """How far a report looks back, and how finely."""

    name: str
    length: timedelta
    bucket: timedelta


SPANS: Final = {
    span.name: span
    for span in (
        Span("24h", timedelta(hours=24), timedelta(minutes=30)),
        Span("7d", timedelta(days=7), timedelta(hours=3)),
        Span("30d", timedelta(days=30), timedelta(hours=12)),
        Span("90d", timedelta(days=90), timedelta(days=1)),
    )
}


class Figures(msgspec.Struct, kw_only=True):
    """What the inference log says of one bucket, or of the whole span.

    Latencies are milliseconds, prices USD, errors absolute differences of natural log prices:
    `expected_error` is what the model said it would be off by, `realised_error` what it was off by
    where the real price became known, and `expected_of_realised` the expectation for just those wines.
    None where no row says.
    """

    at: datetime | None = None
    requests: int = 0
    latency_p50: float | None = None
    latency_p95: float | None = None
    latency_p99: float | None = None
    warned: float | None = None
    price_low: float | None = None
    price_median: float | None = None
    price_high: float | None = None
    expected_error: float | None = None
    feedback: int = 0
    realised_error: float | None = None
    expected_of_realised: float | None = None


class VersionUse(msgspec.Struct):
    """How often a model version answered within a bucket."""

    at: datetime
    version: str
    requests: int


class WarningUse(msgspec.Struct):
    """How many answers carried a warning."""

    code: str
    requests: int


class Log(msgspec.Struct):
    """All that the database is asked for."""

    total: Figures
    buckets: Sequence[Figures]
    versions: Sequence[VersionUse]
    warnings: Sequence[WarningUse]


class ServiceNow(msgspec.Struct, kw_only=True):
    """What the process knows of itself, without asking anybody."""

    model_name: str | None = None
    model_version: str | None = None
    synthetic: bool = False
    model_problem: str | None = None
    waiting_rows: int = 0
    oldest_waiting_seconds: float = 0.0
    published_rows: int = 0
    refused_rows: int = 0
    dropped_rows: int = 0
    retries: int = 0
    database_problem: str | None = None


class OperationsReport(msgspec.Struct, kw_only=True):
    """What `/ops` shows. `database` is "ok", "not configured" or "unreachable"; `log` only when it is ok."""

    span: str
    since: datetime
    until: datetime
    bucket_seconds: float
    database: str
    service: ServiceNow
    log: Log | None = None


Record = Mapping[str, Any]


def assemble(
    figures: Sequence[Record],
    realised: Sequence[Record],
    versions: Sequence[Record],
    warnings: Sequence[Record],
) -> Log:
    """The log of a span from what its queries gave. A row whose `at` is None is the span's total."""
    by_time = {record["at"]: dict(record) for record in figures}
    for record in realised:
        by_time.setdefault(record["at"], {"at": record["at"]}).update(record)
    total = Figures(**by_time.pop(None, {}))
    return Log(
        total=total,
        buckets=[Figures(**by_time[at]) for at in sorted(by_time)],
        versions=[VersionUse(**record) for record in versions],
        warnings=[WarningUse(**record) for record in warnings],
    )
