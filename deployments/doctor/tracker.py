"""The tracker: whether it answers, knows us, has our version and a production model."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

import httpx

from configuration.errors import SettingsError
from configuration.tracker_address import tracker_address
from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn
from flows.registry.contract import PRODUCTION
from pricing.wine.schema import MODEL_NAME

API: Final = "/api/2.0/mlflow"


def check_tracker(env: Env) -> list[Finding]:
    try:
        uri = tracker_address({"MLFLOW_TRACKING_URI": env.get("MLFLOW_TRACKING_URI", "")})
    except SettingsError as error:
        return [fail("tracker", str(error), "Correct it: nobody is asked with it.")]
    if uri is None or not uri.startswith("http"):
        return [skip("tracker", "MLFLOW_TRACKING_URI is no http address")]
    user, password = env.get("MLFLOW_TRACKING_USERNAME"), env.get("MLFLOW_TRACKING_PASSWORD")
    auth = (user, password) if user and password else None
    with httpx.Client(base_url=uri, auth=auth, timeout=20) as client:
        try:
            answer = client.get(f"{API}/experiments/search", params={"max_results": 1})
        except httpx.TransportError as error:
            todo = "Is the address right, the server running, the certificate valid, port 443 open?"
            return [fail("tracker", f"{uri} does not answer: {error}", todo)]
        if answer.status_code != httpx.codes.OK:
            return [_refused(uri, answer)]
        return [ok("tracker", f"{uri} answers, and to our account"), _version(client), _production(client)]


def _refused(uri: str, answer: httpx.Response) -> Finding:
    todo = {
        401: "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD to an account of the tracker.",
        403: "The tracker does not know this host name: add it to TRACKER_HOSTS and restart it.",
    }
    return fail(
        "tracker",
        f"{uri} refuses with {answer.status_code}",
        todo.get(answer.status_code, f"Its log says why. It answered: {answer.text[:200]}"),
    )


def _version(client: httpx.Client) -> Finding:
    theirs = client.get("/version").text.strip()
    try:
        ours = version("mlflow-skinny")
    except PackageNotFoundError:
        return skip("tracker's version", f"{theirs}; MLflow is not installed here")
    if theirs == ours:
        return ok("tracker's version", theirs)
    return warn("tracker's version", f"{theirs}, and here {ours}", "Deploy both from one release.")


def _production(client: httpx.Client) -> Finding:
    answer = client.get(f"{API}/registered-models/alias", params={"name": MODEL_NAME, "alias": PRODUCTION})
    if answer.is_success:
        return ok("production model", f"{MODEL_NAME} version {answer.json()['model_version']['version']}")
    return warn("production model", "none yet", "Run the deployment train/wine-train; promotion follows it.")
