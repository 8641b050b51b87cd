"""Turns of the event loop."""

from __future__ import annotations

import asyncio


async def give_way() -> None:
    """Let everything that is ready run before the caller goes on."""
    await asyncio.sleep(0)
