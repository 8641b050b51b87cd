"""The dead man's switch of the daily drift check: a URL that alarms when it is not called in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import SecretDict

from deployments.automations.names import PREFIX
from deployments.automations.settings import AlertSettings

BLOCK: Final = f"{PREFIX}-ping-drift"
OF_DRIFT: Final = ResourceSpecification(
    {"prefect.resource.role": "deployment", "prefect.resource.name": "wine-drift"}
)


def dead_man(settings: AlertSettings) -> Iterator[AutomationCore]:
    """An automation that asks DRIFT_PING_URL after each look for drift that came to a verdict.

    A run that finds drift ends as failed, so its event is looked for; one that could not look is silent.
    """
    if settings.drift_ping_url is None:
        return
    block = CustomWebhookNotificationBlock(
        name=BLOCK,
        url="{{url}}",
        method="GET",
        secrets=SecretDict({"url": settings.drift_ping_url.get_secret_value()}),
        headers=None,
        cookies=None,
    )
    saved = UUID(str(block.save(BLOCK, overwrite=True)))
    yield AutomationCore(
        name=BLOCK,
        description="Calls the dead man's switch of the drift check.",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Completed", "wine.drift.detected"},
            match=ResourceSpecification({}),
            match_related=OF_DRIFT,
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[SendNotification(block_document_id=saved, subject="Drift was looked for", body="")],
    )
