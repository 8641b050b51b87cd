"""How a candidate that scored in the shadow of production differs from it on real requests."""

from __future__ import annotations

from flows.settings import FlowSettings


def shadow_markdown(settings: FlowSettings, version: str) -> str:
    """Empty without a database or without shadow predictions of this version."""
    del settings, version
    return ""
