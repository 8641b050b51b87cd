"""Types of flow parameters that several forms share, with the bounds that the forms and the server check."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Uri = Annotated[str, Field(min_length=1, pattern=r"\S", examples=["s3://my-bucket/wine/wines.csv"])]
"""A file: `s3://…`, `file://…` or a path on the worker's host."""

ColumnNames = Annotated[dict[str, str], Field(examples=[{"Pays": "country", "Millésime": "millesime"}])]
"""Field of a wine by the name of a column."""

AtLeastOne = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]

Extras = Literal["auto", "always", "never"]
"""Whether to spend further fits on the learning curve and on unseen producers; "auto": when one is quick."""
