"""The alerts that people get, and how they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.events.actions import ActionTypes, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import SecretDict

from deployments.automations.names import PREFIX, ZOMBIE
from deployments.automations.settings import AlertSettings

ANYTHING: Final = ResourceSpecification({})
FLOW_RUNS: Final = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})

_RUN: Final = "{{ flow_run.name }} of {{ flow.name }}"
_REASON: Final = "{{ event.payload.reason }}"


@dataclass(frozen=True, slots=True)
class Alert:
    """An event that people are alerted to. `subject` and `body` are templates of Prefect."""

    name: str
    description: str
    expect: str
    match: ResourceSpecification
    subject: str
    body: str
    pause: timedelta = timedelta(0)


ALERTS: Final = (
    Alert(
        "run-failed",
        "A flow run failed.",
        "prefect.flow-run.Failed",
        FLOW_RUNS,
        f"Failed: {_RUN}",
        "{{ flow_run.state.message }}",
    ),
    Alert(
        "run-crashed",
        "A flow run crashed, or its host died under it.",
        "prefect.flow-run.Crashed",
        FLOW_RUNS,
        f"Crashed: {_RUN}",
        "{{ flow_run.state.message }}",
    ),
    Alert(
        "run-zombie",
        "The process of a flow run went silent; it is run again.",
        f"prefect.flow-run.{ZOMBIE}",
        FLOW_RUNS,
        f"Zombie: {_RUN}",
        "Its process went silent. It is scheduled again, once an hour at most.",
    ),
    Alert(
        "drift",
        "Drift was found.",
        "wine.drift.detected",
        ANYTHING,
        "Drift",
        f"{_REASON} {{{{ event.payload.report }}}}",
    ),
    Alert(
        "model-rejected",
        "A candidate was refused by the gate.",
        "wine.model.rejected",
        ANYTHING,
        "Candidate rejected: {{ event.resource.name }}",
        "{{ event.payload | tojson }}",
    ),
    Alert(
        "model-stale",
        "The model in production is old.",
        "wine.model.stale",
        ANYTHING,
        "The model in production is old",
        _REASON,
        pause=timedelta(days=7),
    ),
    Alert(
        "service-unhealthy",
        "The service does not answer, or its outbox grows.",
        "wine.service.unhealthy",
        ANYTHING,
        "The price service is in trouble",
        _REASON,
        pause=timedelta(hours=6),
    ),
)


def alerts(blocks: Sequence[UUID]) -> Iterator[AutomationCore]:
    """One automation for each alert, with a notification to each of the saved blocks."""
    for alert in ALERTS:
        actions: list[ActionTypes] = [
            SendNotification(block_document_id=block, subject=alert.subject, body=alert.body)
            for block in blocks
        ]
        yield AutomationCore(
            name=f"{PREFIX}-alert-{alert.name}",
            description=alert.description,
            trigger=EventTrigger(
                expect={alert.expect},
                match=alert.match,
                posture=Posture.Reactive,
                threshold=1,
                within=alert.pause,
            ),
            actions=actions,
        )


def save_blocks(settings: AlertSettings) -> Iterator[UUID]:
    """Save where alerts go as blocks of Prefect; their ids."""
    if settings.webhook_url is not None:
        secret = SecretDict({"url": settings.webhook_url.get_secret_value()})
        yield _save(
            f"{PREFIX}-alert-webhook",
            CustomWebhookNotificationBlock(
                name=f"{PREFIX}-alerts",
                url="{{url}}",
                secrets=secret,
                json_data={"text": "*{{subject}}*\n{{body}}"},
                headers=None,
                cookies=None,
            ),
        )
    if settings.email_url is not None:
        # Prefect's block for Slack hands any URL that is not Slack's to Apprise, which speaks SMTP.
        yield _save(f"{PREFIX}-alert-email", SlackWebhook(url=settings.email_url))


def _save(name: str, block: NotificationBlock) -> UUID:
    return UUID(str(block.save(name, overwrite=True)))
