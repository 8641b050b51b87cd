"""The proof that the stack works: a prediction is answered, and stands in the log with its version."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import httpx
import psycopg2

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack.health import client
from deployments.waiting import wait_until

EXAMPLE_WINE: Final = {
    "country": "US",
    "province": "California",
    "description": "Dense and layered, with cassis, cedar and graphite; firm tannins and a long finish.",
    "millesime": "2013",
    "variety": "Cabernet Sauvignon",
    "region": "Napa Valley",
}
RELOAD_SECONDS: Final = 60.0
ROW_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer of the service: price in USD, the version that gave it, and the id of its log row."""

    price: float
    version: str
    request_id: str


def wait_for_version(settings: StackSettings, version: str) -> None:
    """Wait until the service answers with this model version. Raises StackError after a minute."""

    def serves_it() -> bool:
        try:
            answer = http.get(f"{settings.serving_url}/health")
        except httpx.HTTPError:
            return False
        return answer.is_success and str(answer.json().get("model_version")) == version

    with client() as http:
        taken_up = wait_until(serves_it, seconds=RELOAD_SECONDS)
    if not taken_up:
        raise StackError(
            f"The service did not take up version {version} within {RELOAD_SECONDS:.0f} s. "
            f"{settings.serving_url}/health and make logs SERVICE=serving say why."
        )


def predict(settings: StackSettings) -> Prediction:
    """Price the example wine."""
    answer = httpx.post(f"{settings.serving_url}/predict", json=EXAMPLE_WINE, timeout=10, trust_env=False)
    if not answer.is_success:
        raise StackError(
            f"The service answered {answer.status_code} to a prediction: {answer.text}. "
            "make logs SERVICE=serving says why."
        )
    body: dict[str, Any] = answer.json()
    return Prediction(body["prediction"], str(body["model"]["version"]), body["request_id"])


def wait_for_row(settings: StackSettings, prediction: Prediction) -> None:
    """Wait until the prediction stands in `wine_predictions` with its model version."""
    query = "SELECT model_version FROM wine_predictions WHERE request_id = %s"
    with closing(psycopg2.connect(settings.postgres_uri("wine"))) as connection:
        connection.autocommit = True

        def logged() -> bool:
            with connection.cursor() as cursor:
                cursor.execute(query, (prediction.request_id,))
                return bool(cursor.fetchone() == (prediction.version,))

        if not wait_until(logged, seconds=ROW_SECONDS, poll=0.05):
            raise StackError(
                f"The prediction {prediction.request_id} was answered, but did not arrive in the table "
                f"wine_predictions within {ROW_SECONDS:.0f} s. {settings.serving_url}/health says why."
            )


def request_command(settings: StackSettings) -> str:
    """A command that prices the example wine, to be pasted into a shell: Python's where curl is missing."""
    url, body = f"{settings.serving_url}/predict", json.dumps(EXAMPLE_WINE)
    if shutil.which("curl"):
        return f"curl -s {url} -H 'content-type: application/json' -d {shlex.quote(body)}"
    program = f"import httpx; print(httpx.post('{url}', json={body}).text)"
    return shlex.join([sys.executable, "-c", program])
