"""Variables that are set and change nothing: misspelt, or without the setting that they belong to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
_ROW: Final = re.compile(r"^\| `([A-Z0-9_]+)` \| ([^|]*) \|", re.MULTILINE)
_ALIKE: Final = 0.86
_SHORTEST: Final = 6
"""Shorter names resemble too much."""

NEEDS: Final[Mapping[str, str]] = {
    "MODEL_ALIAS": "MLFLOW_TRACKING_URI",
    "MODEL_POLL_SECONDS": "MLFLOW_TRACKING_URI",
    "MLFLOW_WEBHOOK_SECRET": "MLFLOW_TRACKING_URI",
    "SHADOW_SAMPLE": "MLFLOW_TRACKING_URI",
    "NEON_IDLE_SECONDS": "NEON_URI",
    "OUTBOX_BATCH_BYTES": "NEON_URI",
    "OUTBOX_FLUSH_SECONDS": "NEON_URI",
    "RATE_LIMIT_BURST": "RATE_LIMIT_PER_MINUTE",
}
"""Settings of the service that belong to another one."""
_SAME: Final[Mapping[str, str]] = {"MLFLOW_TRACKING_URI": "BACKEND_STORE_URI"}
"""The other name of a setting."""


def documented_settings() -> dict[str, str]:
    """Who reads each setting, by name, from docs/settings.md; empty where only the code is installed."""
    if not PAGE.exists():
        return {}
    return dict(_ROW.findall(PAGE.read_text("utf-8").partition("## GitHub secrets")[0]))


def misspelt(env: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
    """Variables that are no setting but nearly have the name of one: that name by theirs."""
    candidates = [name for name, value in env.items() if value and len(name) >= _SHORTEST]
    found = {name: get_close_matches(name, known, 1, _ALIKE) for name in candidates if name not in known}
    return {name: close[0] for name, close in found.items() if close and close[0] not in env}


def lacking(env: Mapping[str, str]) -> dict[str, str]:
    """Variables that are set and do nothing, since another is not: the other by theirs."""
    return {
        name: needed
        for name, needed in NEEDS.items()
        if _given(env, name) and not (_given(env, needed) or _given(env, _SAME.get(needed, needed)))
    }


def said(env: Mapping[str, str], known: Collection[str]) -> list[tuple[str, str, str]]:
    """(name, what is wrong, what to do) for each variable that is set without effect. No value is shown."""
    typed = [
        (name, "is set, and no setting has this name", f"Did you mean {right}?")
        for name, right in sorted(misspelt(env, known).items())
    ]
    alone = [
        (name, f"is set and has no effect: {needed} is not set", f"Set {needed}, or take {name} out.")
        for name, needed in sorted(lacking(env).items())
    ]
    return typed + alone


def _given(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip() not in ("", "0")
