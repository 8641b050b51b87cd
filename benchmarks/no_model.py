"""The ceiling of the HTTP layer: a Litestar handler that decodes the same body and returns a constant."""

from __future__ import annotations

import sys

import msgspec
import uvicorn
from litestar import Litestar, post

from pricing.wine.request import Wine


class Constant(msgspec.Struct):
    prediction: float
    currency: str


ANSWER = Constant(24.31, "USD")


@post("/predict", status_code=200)
async def predict(data: Wine) -> Constant:  # noqa: ARG001 - decoded, and that is all
    return ANSWER


if __name__ == "__main__":
    app = Litestar([predict], openapi_config=None, logging_config=None)
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
