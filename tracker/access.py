"""The `authorization_function` of MLflow's accounts: readers get models and nothing else.

MLflow lets every account read everything and create experiments and models. One that is handed to a
public service gets less (`tracker.reader_rules`).
"""

from __future__ import annotations

import threading
from typing import Final

from cachetools import TTLCache, cached
from flask import Response, make_response, request
from mlflow.server import auth
from werkzeug.datastructures import Authorization

from tracker.accounts import is_reader
from tracker.reader_rules import may_read

CACHE_SECONDS: Final = 60


def authenticate() -> Authorization | Response:
    """The account that asks, or the refusal that it gets."""
    result: Authorization | Response = auth.authenticate_request_basic_auth()
    if isinstance(result, Response) or not _reads_only(str(result.username)):
        return result
    if may_read(request.method, request.path, request.args.get("path", "")):
        return result
    return make_response("This account may read models, and nothing else.", 403)


@cached(TTLCache(maxsize=1000, ttl=CACHE_SECONDS), lock=threading.Lock())
def _reads_only(name: str) -> bool:
    return is_reader(auth.store, name)
