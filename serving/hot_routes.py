"""The routes that carry the load, as plain ASGI: Litestar's own handlers cost four times as much."""

from __future__ import annotations

from litestar import asgi
from litestar.types import Receive, Scope, Send

from serving import bodies, exchange, wire
from serving.bodies import MAX_BATCH_BYTES, MAX_BODY_BYTES
from serving.predictor import Caller
from serving.service import Service


@asgi("/predict", copy_scope=False)
async def predict(scope: Scope, receive: Receive, send: Send) -> None:
    """Price one wine; `?explain=true` adds what moved the price."""
    wire.check_method(scope, "POST")
    service, caller = _call(scope)
    body = await wire.read_body(receive, MAX_BODY_BYTES)
    explain = b"explain=true" in scope["query_string"]
    await wire.send_json(send, await service.predictor.predict(body, caller, explain=explain))


@asgi("/predict/batch", copy_scope=False)
async def predict_batch(scope: Scope, receive: Receive, send: Send) -> None:
    """Price up to 1,000 wines."""
    wire.check_method(scope, "POST")
    service, caller = _call(scope)
    wines = bodies.wines(await wire.read_body(receive, MAX_BATCH_BYTES))
    service.edge.charge(caller.client, len(wines) - 1)
    await wire.send_json(send, await service.predictor.predict_batch(wines, caller))


@asgi("/feedback", copy_scope=False)
async def feedback(scope: Scope, receive: Receive, send: Send) -> None:
    """Keep what a wine really cost."""
    wire.check_method(scope, "POST")
    service, caller = _call(scope)
    body = await wire.read_body(receive, MAX_BODY_BYTES)
    await wire.send_json(send, await service.predictor.record_feedback(body, caller), status=202)


def _call(scope: Scope) -> tuple[Service, Caller]:
    here = exchange.of(scope)
    service: Service = scope["litestar_app"].state.service
    return service, Caller(here.client, here.request_id, here.started)
