"""Whether the settings are well-formed for those that read them."""

from __future__ import annotations

from deployments.doctor.finding import Env, Finding, fail, ok, skip
from flows.errors import SettingsError as FlowSettingsError
from flows.settings import FlowSettings
from serving.errors import SettingsError as ServingSettingsError
from serving.settings import ServingSettings
from tracker.settings import SettingsError as TrackerSettingsError
from tracker.settings import TrackerSettings

TABLE = "docs/settings.md lists every setting with an example."


def check_settings(env: Env) -> list[Finding]:
    return [_flows(env), _serving(env), _tracker(env)]


def _flows(env: Env) -> Finding:
    if not (env.get("MLFLOW_TRACKING_URI") or env.get("BACKEND_STORE_URI", "").startswith("http")):
        return skip(
            "settings of the flows", "MLFLOW_TRACKING_URI is not set: no flow runs with these settings"
        )
    try:
        FlowSettings.from_env(env)
    except FlowSettingsError as error:
        return fail("settings of the flows", str(error), TABLE)
    return ok("settings of the flows", "well-formed")


def _serving(env: Env) -> Finding:
    try:
        ServingSettings.from_env(env)
    except ServingSettingsError as error:
        return fail("settings of the service", "; ".join(error.problems), TABLE)
    return ok("settings of the service", "well-formed")


def _tracker(env: Env) -> Finding:
    if not env.get("TRACKER_HOSTS"):
        return skip(
            "settings of the tracker", "TRACKER_HOSTS is not set: the tracker does not run with these"
        )
    try:
        TrackerSettings.from_env(env)
    except TrackerSettingsError as error:
        problems = "; ".join(f"{name} {what}" for name, what in error.problems.items())
        return fail("settings of the tracker", problems, TABLE)
    return ok("settings of the tracker", "well-formed")
