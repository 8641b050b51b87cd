"""MLflow's webhooks: proof that a delivery is MLflow's, fresh and not seen before."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from serving.errors import Unauthorized

FRESH_SECONDS: Final = 300.0
_REMEMBERED: Final = 1_000
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


class WebhookGate:
    """Lets deliveries in that are signed with the shared secret.

    `X-MLflow-Signature` is `v1,` and the base64 of HMAC-SHA256(secret, "<delivery id>.<timestamp>.<body>").
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def check(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Unauthorized unless the delivery is genuine, fresh and new."""
        delivery, timestamp = headers.get("x-mlflow-delivery-id", ""), headers.get("x-mlflow-timestamp", "")
        expected = self.signature(delivery, timestamp, body)
        if not self._secret or not hmac.compare_digest(
            expected.encode(), headers.get("x-mlflow-signature", "").encode()
        ):
            raise Unauthorized(
                "The delivery's signature is not made with this service's MLFLOW_WEBHOOK_SECRET. "
                "Give MLflow's webhook the same secret."
            )
        if (
            not _TIMESTAMP.fullmatch(timestamp)
            or abs(self._clock() - int(timestamp)) > FRESH_SECONDS
            or delivery in self._seen
        ):
            raise Unauthorized("The delivery is too old, or it has been here before.")
        self._seen[delivery] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def signature(self, delivery: str, timestamp: str, body: bytes) -> str:
        """What X-MLflow-Signature must be."""
        digest = hmac.new(self._secret, f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        return "v1," + base64.b64encode(digest).decode()
