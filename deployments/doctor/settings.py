"""Whether the settings are well-formed for those that read them."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from configuration.errors import SettingsError
from configuration.placeholders import holds_placeholder
from configuration.without_effect import documented_settings, said
from deployments.doctor.finding import Env, Finding, fail, ok, skip, warn
from deployments.ecs.settings import EcsSettings
from flows.settings import FlowSettings
from serving.settings import ServingSettings
from tracker.settings import TrackerSettings

TABLE = "docs/settings.md lists every setting with an example."
SECRETS: Final = (
    "ALERT_EMAIL_URL", "ALERT_WEBHOOK_URL", "API_KEYS", "AWS_SECRET_ACCESS_KEY", "BACKEND_STORE_URI",
    "CLIENT_SALT", "EC2_SSH_PRIVATE_KEY", "HF_TOKEN", "MLFLOW_AUTH_ADMIN_PASSWORD",
    "MLFLOW_FLASK_SERVER_SECRET_KEY", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_WEBHOOK_SECRET", "NEON_TEST",
    "NEON_URI", "POSTGRES_PASSWORD", "PREFECT_API_AUTH_STRING", "PREFECT_PASSWORD", "SMOKE_API_KEY",
    "BACKUP_PING_URL", "IMAGE_REGISTRY_PASSWORD", "DRIFT_PING_URL", "PREFECT_API_DATABASE_CONNECTION_URL",
    "TRACKER_FLOWS_PASSWORD", "TRACKER_SERVICE_PASSWORD",
)  # fmt: skip


def check_settings(env: Env) -> list[Finding]:
    return [
        _flows(env),
        _serving(env),
        _tracker(env),
        _alerts(env),
        *_dead_man(env),
        _ecs(env),
        *_placeholders(env),
    ]


def check_without_effect(env: Env) -> list[Finding]:
    """Variables that are set and change nothing."""
    return [warn(*each) for each in said(env, documented_settings())]


def _placeholders(env: Env) -> list[Finding]:
    todo = f"Set a real one, or take the line out. {TABLE}"
    return [
        fail(name, "holds what an example left behind, not a secret", todo)
        for name in SECRETS
        if _placeholder(name, env.get(name, ""))
    ]


def _placeholder(name: str, value: str) -> bool:
    secrets = [value]
    if name == "PREFECT_API_AUTH_STRING":
        secrets.append(value.partition(":")[2])
    if name == "API_KEYS":
        secrets += [entry.rpartition(":")[2] for entry in value.split(",")]
    return any(map(holds_placeholder, secrets))


def _alerts(env: Env) -> Finding:
    if not (env.get("ALERT_WEBHOOK_URL", "").strip() or env.get("ALERT_EMAIL_URL", "").strip()):
        found = "neither ALERT_WEBHOOK_URL nor ALERT_EMAIL_URL is set: no alert is sent"
        if not env.get("PREFECT_API_URL"):
            return skip("alerts", f"{found}, and no flow runs from here")
        return fail("alerts", found, f"Set one of them in /etc/wine/host.env and install again. {TABLE}")
    try:
        automations = import_module("deployments.automations.settings")
    except ModuleNotFoundError:
        return skip("alerts", "Prefect is not installed here")
    try:
        automations.AlertSettings.from_env(env)
    except SettingsError as error:
        return fail("alerts", str(error), TABLE)
    return ok("alerts", "well-formed")


def _dead_man(env: Env) -> list[Finding]:
    """A host that is gone sends no alert: only somebody who waits for its ping tells of it."""
    if not env.get("BACKUP_FOLDER", "").strip():
        return []  # no host of ours
    if env.get("DRIFT_PING_URL", "").strip():
        return [ok("dead man's switch", "asked after each check for drift")]
    found = "DRIFT_PING_URL is not set: nobody is told when this host is gone"
    todo = "Set it, and BACKUP_PING_URL, in /etc/wine/host.env and install again. docs/alerts.md says how."
    return [warn("dead man's switch", found, todo)]


def _ecs(env: Env) -> Finding:
    if not env.get("ECS_DEPLOYMENTS"):
        return skip("settings of ECS", "ECS_DEPLOYMENTS is not set: every flow runs on the host")
    try:
        EcsSettings.from_env(env)
    except SettingsError as error:
        return fail("settings of ECS", str(error), TABLE)
    return ok("settings of ECS", f"well-formed, for {env['ECS_DEPLOYMENTS']}")


def _flows(env: Env) -> Finding:
    if not (env.get("MLFLOW_TRACKING_URI") or env.get("BACKEND_STORE_URI", "").startswith("http")):
        return skip(
            "settings of the flows", "MLFLOW_TRACKING_URI is not set: no flow runs with these settings"
        )
    try:
        FlowSettings.from_env(env)
    except SettingsError as error:
        return fail("settings of the flows", str(error), TABLE)
    return ok("settings of the flows", "well-formed")


def _serving(env: Env) -> Finding:
    try:
        ServingSettings.from_env(env)
    except SettingsError as error:
        return fail("settings of the service", str(error), TABLE)
    return ok("settings of the service", "well-formed")


def _tracker(env: Env) -> Finding:
    if not env.get("TRACKER_HOSTS"):
        return skip(
            "settings of the tracker", "TRACKER_HOSTS is not set: the tracker does not run with these"
        )
    try:
        TrackerSettings.from_env(env)
    except SettingsError as error:
        return fail("settings of the tracker", str(error), TABLE)
    return ok("settings of the tracker", "well-formed")
