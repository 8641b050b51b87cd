"""`python -m deployments.automations`: alerts and the rescue of stranded runs, as Prefect automations.

Each automation is created or updated by its name, so running this again changes nothing. Alerts go to
ALERT_WEBHOOK_URL (Slack's incoming webhook, or any that takes `{"text": …}`) and to ALERT_EMAIL_URL;
where neither is set there are none, and those that were there are removed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self
from uuid import UUID

from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import SecretDict
from pydantic import SecretStr

PREFIX: Final = "wine"
ALERT_PREFIX: Final = f"{PREFIX}-alert-"
STRANDED: Final = "Stranded"
MARK: Final = f"{PREFIX}-mark-stranded-runs"
FLOW_RUNS: Final = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
ANYTHING: Final = ResourceSpecification({})

_HEARTBEATS_MISSED: Final = 4
_RUN: Final = "{{ flow_run.name }} of {{ flow.name }}"
_REASON: Final = "{{ event.payload.reason }}"


class SettingsError(Exception):
    """A setting of the alerts is malformed; the message names it, with an example."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Where alerts go, and how often live runs say that they live (seconds). URLs hold secrets."""

    webhook_url: SecretStr | None = None
    email_url: SecretStr | None = None
    heartbeat_seconds: int = 30

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises SettingsError."""
        return cls(
            webhook_url=_url(
                env, "ALERT_WEBHOOK_URL", ("https://", "http://"), "https://hooks.slack.com/services/…"
            ),
            email_url=_url(
                env,
                "ALERT_EMAIL_URL",
                ("mailto://", "mailtos://"),
                "mailtos://user:password@smtp.my-team.org?from=wine@my-team.org&to=me@my-team.org",
            ),
            heartbeat_seconds=_heartbeat(env),
        )


@dataclass(frozen=True, slots=True)
class Alert:
    """An event that a person should hear of. `subject` and `body` are templates of Prefect."""

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
        "run-stranded",
        "The process of a flow run went silent; it is run again.",
        f"prefect.flow-run.{STRANDED}",
        FLOW_RUNS,
        f"Stranded: {_RUN}",
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
        "service-troubled",
        "The service does not answer, or its outbox grows.",
        "wine.service.troubled",
        ANYTHING,
        "The price service is in trouble",
        _REASON,
        pause=timedelta(hours=6),
    ),
)


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


def alerts(blocks: Sequence[UUID]) -> Iterator[AutomationCore]:
    """One automation for each alert, with a notification to each of the saved blocks."""
    for alert in ALERTS:
        actions: list[ActionTypes] = [
            SendNotification(block_document_id=block, subject=alert.subject, body=alert.body)
            for block in blocks
        ]
        yield AutomationCore(
            name=f"{ALERT_PREFIX}{alert.name}",
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


def apply(settings: AlertSettings, client: SyncPrefectClient) -> list[str]:
    """Make the server's automations those of `settings`; what was done, a line each."""
    blocks = list(_save_blocks(settings))
    wanted = [*rescue(settings), *(alerts(blocks) if blocks else ())]
    done = [_put(client, automation) for automation in wanted]
    names = {automation.name for automation in wanted}
    for automation in client.read_automations():
        if automation.name.startswith(f"{PREFIX}-") and automation.name not in names:
            client.delete_automation(automation.id)
            done.append(f"removed {automation.name}")
    return done


def main() -> int:
    """Exit code 0 when the automations stand, 2 when a setting is wrong."""
    try:
        settings = AlertSettings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with get_client(sync_client=True) as client:
        for line in apply(settings, client):
            sys.stdout.write(f"{line}\n")
    return 0


def _put(client: SyncPrefectClient, wanted: AutomationCore) -> str:
    found = client.read_automations_by_name(wanted.name)
    for surplus in found[1:]:
        client.delete_automation(surplus.id)
    if not found:
        client.create_automation(wanted)
        return f"created {wanted.name}"
    # Updating resets what a trigger has counted so far, so only what differs is written.
    if _content(found[0]) == _content(wanted):
        return f"unchanged {wanted.name}"
    client.update_automation(found[0].id, wanted)
    return f"updated {wanted.name}"


def _content(automation: AutomationCore) -> dict[str, Any]:
    names = {"name", "description", "enabled", "trigger", "actions"}
    return automation.model_dump(mode="json", include=names, exclude={"trigger": {"id"}})


def _save_blocks(settings: AlertSettings) -> Iterator[UUID]:
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


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...], example: str) -> SecretStr | None:
    value = env.get(name, "").strip()
    if not value:
        return None
    if not value.startswith(schemes):
        raise SettingsError(f"{name} must begin with {' or '.join(schemes)}. Example: {name}={example}")
    return SecretStr(value)


def _heartbeat(env: Mapping[str, str]) -> int:
    text = env.get("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "").strip() or "30"
    if not text.isdigit() or int(text) < 30:  # noqa: PLR2004 - Prefect's own minimum
        raise SettingsError(
            f"PREFECT_FLOWS_HEARTBEAT_FREQUENCY is {text!r}; give seconds, at least 30, the same as "
            "the worker has. Example: PREFECT_FLOWS_HEARTBEAT_FREQUENCY=30"
        )
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
