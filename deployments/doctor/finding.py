"""What a check found, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Env = Mapping[str, str]
Verdict = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` is what was looked at, `found` what came out; `todo` is what to do, "" if nothing."""

    verdict: Verdict
    subject: str
    found: str
    todo: str = ""


Check = Callable[[Env], list[Finding]]


def ok(subject: str, found: str) -> Finding:
    return Finding("ok", subject, found)


def warn(subject: str, found: str, todo: str) -> Finding:
    return Finding("warn", subject, found, todo)


def fail(subject: str, found: str, todo: str) -> Finding:
    return Finding("fail", subject, found, todo)


def skip(subject: str, found: str) -> Finding:
    return Finding("skip", subject, found)
