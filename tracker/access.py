"""The `authorization_function` of MLflow's accounts: readers get models and nothing else.

MLflow lets every account read everything and create experiments and models. One that is handed to a
public service gets less (`tracker.reader_rules`).
"""

from __future__ import annotations

import threading
from typing import Any, Final

from cachetools import TTLCache, cached
from flask import Response, make_response, request
from mlflow.exceptions import MlflowException
from mlflow.server import auth
from mlflow.server.handlers import _get_model_registry_store
from werkzeug.datastructures import Authorization

from tracker.accounts import is_reader
from tracker.reader_rules import may_read, names_a_model

CACHE_SECONDS: Final = 60


def authenticate() -> Authorization | Response:
    """The account that asks, or the refusal that it gets."""
    result: Authorization | Response = auth.authenticate_request_basic_auth()
    if isinstance(result, Response):
        return result
    if _reads_only(str(result.username)) and not may_read(
        request.method, request.path, request.args.get("path", "")
    ):
        return make_response("This account may read models, and nothing else.", 403)
    return _missing() or result


def _missing() -> Response | None:
    """What MLflow tells an administrator of a model that is not there; to others it says 403.

    Flows and services ask for the alias before the first training: that is no lack of rights.
    """
    name = request.args.get("name")
    if request.method != "GET" or not name or not names_a_model(request.path):
        return None
    registry: Any = _get_model_registry_store()
    try:
        registry.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return make_response({"error_code": error.error_code, "message": error.message}, 404)
    return None


@cached(TTLCache(maxsize=1000, ttl=CACHE_SECONDS), lock=threading.Lock())
def _reads_only(name: str) -> bool:
    return is_reader(auth.store, name)
