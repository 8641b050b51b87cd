"""`python -m deployments.automations`: alerts, as Prefect automations.

Each automation is created or updated by its name, so running this again changes nothing. Alerts go to
ALERT_WEBHOOK_URL (Slack's incoming webhook, or any that takes `{"text": …}`) and to ALERT_EMAIL_URL;
where neither is set there are none, and those that were there are removed. DRIFT_PING_URL is asked after
each look for drift.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import AutomationCore

from configuration.errors import SettingsError
from deployments.automations.alerts import alerts, save_blocks
from deployments.automations.alerts_dead_man import dead_man
from deployments.automations.names import PREFIX
from deployments.automations.settings import AlertSettings


def apply(settings: AlertSettings, client: SyncPrefectClient) -> list[str]:
    """Make the server's automations those of `settings`; what was done, a line each."""
    blocks = list(save_blocks(settings))
    wanted = [*(alerts(blocks) if blocks else ()), *dead_man(settings)]
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


if __name__ == "__main__":
    raise SystemExit(main())
