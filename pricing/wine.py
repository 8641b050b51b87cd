"""One wine as a client describes it: the record that the scalar path scores."""

from __future__ import annotations

import msgspec


class Wine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wine to be priced. Optional fields may be missing in any combination.

    `millesime` is the vintage, a year as string or integer ("NV" for a wine without one);
    `points` is a reviewer's score from 80 to 100.
    """

    country: str
    description: str
    province: str
    millesime: str | int
    variety: str | None = None
    winery: str | None = None
    region: str | None = None
    designation: str | None = None
    points: float | None = None
