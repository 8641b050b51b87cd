"""The routes that carry the load, as plain ASGI: Litestar's own handlers cost four times as much."""

from __future__ import annotations

from litestar import asgi
from litestar.types import Receive, Scope, Send

from serving.http import asgi as plain_asgi
from serving.http import context
from serving.http.media_types import check_json
from serving.inference.answers import Caller
from serving.lifecycle import Service
from serving.payloads import parsing
from serving.payloads.parsing import MAX_BATCH_BYTES, MAX_BODY_BYTES


@asgi("/predict", copy_scope=False)
async def predict(scope: Scope, receive: Receive, send: Send) -> None:
    """Price one wine; `?explain=true` adds what moved the price."""
    plain_asgi.check_method(scope, "POST")
    service, caller = _call(scope)
    body = await plain_asgi.read_body(receive, MAX_BODY_BYTES)
    explain = b"explain=true" in scope["query_string"]
    await plain_asgi.send_json(send, await service.predictor.predict(body, caller, explain=explain))


@asgi("/predict/batch", copy_scope=False)
async def predict_batch(scope: Scope, receive: Receive, send: Send) -> None:
    """Price up to 1,000 wines."""
    plain_asgi.check_method(scope, "POST")
    service, caller = _call(scope)
    wines = parsing.wines(await plain_asgi.read_body(receive, MAX_BATCH_BYTES))
    service.authorizer.charge(caller.client, len(wines) - 1)
    await plain_asgi.send_json(send, await service.predictor.predict_batch(wines, caller))


@asgi("/feedback", copy_scope=False)
async def feedback(scope: Scope, receive: Receive, send: Send) -> None:
    """Keep what a wine really cost."""
    plain_asgi.check_method(scope, "POST")
    service, caller = _call(scope)
    body = await plain_asgi.read_body(receive, MAX_BODY_BYTES)
    await plain_asgi.send_json(send, await service.predictor.record_feedback(body, caller), status=202)


def _call(scope: Scope) -> tuple[Service, Caller]:
    here = context.of(scope)
    check_json(here.headers)
    service: Service = scope["litestar_app"].state.service
    return service, Caller(here.client, here.request_id, here.started)
