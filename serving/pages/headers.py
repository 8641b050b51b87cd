"""How long browsers may keep the pages. What they may do is said by the middleware, for every answer."""

from __future__ import annotations

from typing import Final

PAGE_HEADERS: Final = {"Cache-Control": "no-cache"}
ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
OLD_ASSET_HEADERS: Final = {"Cache-Control": "no-store"}
