"""The columns of the reviews, the fields of a request, and how the one becomes the other."""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = 5
"""Version of the fields and of the saved model's layout. A model of another version is refused."""

WINEMAG_COLUMNS: Final = (
    "id",
    "country",
    "description",
    "designation",
    "points",
    "price",
    "province",
    "region_1",
    "region_2",
    "taster_name",
    "taster_twitter_handle",
    "title",
    "variety",
    "winery",
)

REQUIRED_FIELDS: Final = ("country", "description", "province", "millesime")
OPTIONAL_TEXT_FIELDS: Final = ("variety", "winery", "region", "designation")
OPTIONAL_FIELDS: Final = (*OPTIONAL_TEXT_FIELDS, "points")
FIELDS: Final = (*REQUIRED_FIELDS, *OPTIONAL_FIELDS)

CATEGORY_FIELDS: Final = ("country", "province", "variety", "winery", "region")
"""Fields that hold one of a set of names; `designation` is free text."""

PRICE: Final = "price"
"""Target column of a cleaned frame, USD a bottle."""

MODEL_NAME: Final = "WinePriceRegressorPipeline"
CURRENCY: Final = "USD"
