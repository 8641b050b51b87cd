"""Alerts and the rescue of stranded runs on a real Prefect server, with local receivers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from queue import Queue

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import emit_event
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings
from pydantic import SecretStr

from configuration.errors import SettingsError
from deployments.automations.__main__ import apply
from deployments.automations.alerts import ALERTS
from deployments.automations.settings import AlertSettings
from tests.integration.alerts.receivers import mail_server, webhook
from tests.integration.conftest import Servers
from tests.pace import patience

pytestmark = pytest.mark.integration


@pytest.fixture
def client(servers: Servers) -> Iterator[SyncPrefectClient]:
    settings = {PREFECT_API_URL: servers.prefect, PREFECT_LOGGING_LEVEL: "CRITICAL"}
    with temporary_settings(settings), get_client(sync_client=True) as made:
        yield made
        apply(AlertSettings(), made)


def until(found: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + patience(seconds)
    while not found():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def received(texts: Queue[str], part: str, seconds: float = 40) -> str:
    """The message that contains `part`; others may come before it."""
    deadline = time.monotonic() + patience(seconds)
    while True:
        text = texts.get(timeout=max(deadline - time.monotonic(), 0.1))
        if part in text:
            return text


def tell(event: str, reason: str) -> None:
    resource = {"prefect.resource.id": "WinePriceRegressorPipeline.7", "prefect.resource.name": "Wine 7"}
    emit_event(event, resource=resource, payload={"reason": reason, "report": "http://mlflow/report"})
    EventsWorker.drain_all()


@flow(name="fails")
def fails() -> None:
    raise ValueError("no such bottle")


def test_every_alert_reaches_the_webhook_with_its_reason(client: SyncPrefectClient) -> None:
    with webhook() as (url, texts):
        apply(AlertSettings(webhook_url=SecretStr(url)), client)
        fails(return_state=True)
        assert "no such bottle" in received(texts, "Failed: ")
        tell("wine.drift.detected", "price level moved")
        assert "price level moved http://mlflow/report" in received(texts, "*Drift*")
        tell("wine.model.rejected", "slice France is worse")
        assert "slice France is worse" in received(texts, "rejected")
        tell("wine.model.stale", "version 7 is old")
        assert "version 7 is old" in received(texts, "is old")
        tell("wine.service.unhealthy", "9,000 rows wait")
        assert "9,000 rows wait" in received(texts, "in trouble")


def test_dead_mans_switch_is_asked_after_a_look_for_drift_and_after_nothing_else(
    client: SyncPrefectClient,
) -> None:
    related = [
        {
            "prefect.resource.id": "prefect.deployment.0",
            "prefect.resource.role": "deployment",
            "prefect.resource.name": name,
        }
        for name in ("wine-train", "wine-drift")
    ]
    run = {"prefect.resource.id": f"prefect.flow-run.{uuid.uuid4()}", "prefect.resource.name": "a run"}
    with webhook() as (url, texts):
        apply(AlertSettings(drift_ping_url=SecretStr(url)), client)
        emit_event("prefect.flow-run.Completed", resource=run, related=[related[0]])
        emit_event("prefect.flow-run.Failed", resource=run, related=[related[1]])
        emit_event("prefect.flow-run.Completed", resource=run, related=[related[1]])
        emit_event("wine.drift.detected", resource=run, related=[related[1]])
        EventsWorker.drain_all()
        assert texts.get(timeout=patience(40)) == "GET /services/T0/B0/Wm4xQ9tL"
        assert texts.get(timeout=patience(40)) == "GET /services/T0/B0/Wm4xQ9tL"
        assert texts.empty()


# Apprise, whose plugins import it; Prefect loads them when the first block is made.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_alerts_go_by_mail_where_that_is_set(client: SyncPrefectClient) -> None:
    with mail_server() as (port, messages):
        url = f"mailto://127.0.0.1:{port}?from=wine@example.org&to=me@example.org"
        apply(AlertSettings(email_url=SecretStr(url)), client)
        tell("wine.drift.detected", "countries moved")
        message = received(messages, "Subject")
        assert "me@example.org" in message


def test_applying_again_changes_nothing_and_unsetting_removes_the_alerts(client: SyncPrefectClient) -> None:
    settings = AlertSettings(webhook_url=SecretStr("http://127.0.0.1:9/services/T0/B0/Wm4xQ9tL"))
    first = apply(settings, client)
    assert len(first) >= len(ALERTS)
    before = {automation.name: automation.id for automation in client.read_automations()}
    assert {line.split()[0] for line in apply(settings, client)} == {"unchanged"}
    assert {automation.name: automation.id for automation in client.read_automations()} == before
    removed = [line for line in apply(AlertSettings(), client) if line.startswith("removed")]
    assert len(removed) == len(ALERTS)


def test_the_address_of_the_webhook_is_kept_as_a_secret(client: SyncPrefectClient) -> None:
    settings = AlertSettings(webhook_url=SecretStr("http://127.0.0.1:9/services/T0/B0/Wm4xQ9tL"))
    apply(settings, client)
    block = client.read_block_document_by_name("wine-alert-webhook", "custom-webhook", include_secrets=False)
    assert "T0/B0" not in str(block.data)
    assert "T0/B0" not in repr(settings)


def test_the_automations_that_once_rescued_runs_are_removed(client: SyncPrefectClient) -> None:
    """They marked runs that had ended, when a heartbeat came late, and ran them again."""
    old = AutomationCore(
        name="wine-mark-stranded-runs",
        trigger=EventTrigger(expect={"prefect.flow-run.heartbeat"}, posture=Posture.Reactive, threshold=1),
        actions=[DoNothing()],
    )
    client.create_automation(old)
    assert "removed wine-mark-stranded-runs" in apply(AlertSettings(), client)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALERT_WEBHOOK_URL", "hooks.slack.com/x"),
        ("ALERT_EMAIL_URL", "me@example.org"),
        ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "5"),
        ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "soon"),
    ],
)
def test_a_malformed_setting_is_named_with_an_example(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*Example"):
        AlertSettings.from_env({name: value})
