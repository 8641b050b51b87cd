"""Runs whose process died are marked, and run again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from deployments.automations.names import FLOW_RUNS, PREFIX, STRANDED
from deployments.automations.settings import AlertSettings

MARK: Final = f"{PREFIX}-mark-stranded-runs"

_HEARTBEATS_MISSED: Final = 4


def rescue(settings: AlertSettings) -> Iterator[AutomationCore]:
    """Runs whose process died: marked when their heartbeats stop, then scheduled again, once an hour at most.

    The same flow run runs again, with its parameters; flows leave what one clean run leaves.
    """
    silence = timedelta(seconds=_HEARTBEATS_MISSED * settings.heartbeat_seconds)
    yield AutomationCore(
        name=MARK,
        description="A run whose process has gone silent is marked as crashed.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},
            match=FLOW_RUNS,
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=silence,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name=STRANDED,
                message=f"No sign of life for {silence.total_seconds():.0f} s: its process is gone.",
                force=True,
            )
        ],
    )
    yield AutomationCore(
        name=f"{PREFIX}-rerun-stranded-runs",
        description="A stranded run is scheduled again.",
        # Not on the run's own event: that one follows an event of before, which a server that was restarted
        # with the host has not seen, and would be held back for a quarter of an hour.
        trigger=EventTrigger(
            expect={"prefect.automation.action.executed"},
            match=ResourceSpecification({"prefect.resource.name": MARK}),
            match_related=ResourceSpecification(
                {"prefect.resource.role": "target", "prefect.resource.id": "prefect.flow-run.*"}
            ),
            for_each={"related:target:prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(hours=1),
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.SCHEDULED,
                name="AwaitingRetry",
                message="Scheduled again: its process was gone.",
                force=True,
            )
        ],
    )
