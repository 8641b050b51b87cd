"""`python -m deployments.automations.notify SUBJECT BODY`: tell the team without Prefect.

For what Prefect cannot report: its own failure, that of a backup, what the doctor found. Goes to
ALERT_WEBHOOK_URL and ALERT_EMAIL_URL. Exit codes: 0 sent, 1 an address could not be reached, 2 no
address is set.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

import apprise
import httpx

from configuration.errors import SettingsError
from deployments.automations.settings import AlertSettings

TIMEOUT: Final = 20.0


class NotTold(Exception):
    """An address could not be reached; the message says which and why, and shows no address."""


def notify(settings: AlertSettings, subject: str, body: str) -> int:
    """Tell everybody whom the settings name; how many that were. Raises NotTold after trying all."""
    ways: list[Callable[[], None]] = []
    if settings.webhook_url is not None:
        url = settings.webhook_url.get_secret_value()
        ways.append(lambda: _webhook(url, subject, body))
    if settings.email_url is not None:
        address = settings.email_url.get_secret_value()
        ways.append(lambda: _email(address, subject, body))
    problems = []
    for way in ways:
        try:
            way()
        except NotTold as error:
            problems.append(str(error))
    if problems:
        raise NotTold(" ".join(problems))
    return len(ways)


def _webhook(url: str, subject: str, body: str) -> None:
    try:
        answer = httpx.post(url, json={"text": f"*{subject}*\n{body}"}, timeout=TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTold(f"ALERT_WEBHOOK_URL does not answer ({type(error).__name__}).") from error
    if answer.is_error:
        raise NotTold(f"ALERT_WEBHOOK_URL answers {answer.status_code}.")


def _email(url: str, subject: str, body: str) -> None:
    mail = apprise.Apprise()
    if not mail.add(url) or not mail.notify(title=subject, body=body):
        raise NotTold("ALERT_EMAIL_URL took no mail: check its server, user and password.")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.automations.notify", description=__doc__)
    parser.add_argument("subject")
    parser.add_argument("body")
    options = parser.parse_args(arguments)
    try:
        sent = notify(AlertSettings.from_env(os.environ), options.subject, options.body)
    except (SettingsError, NotTold) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not sent:
        sys.stderr.write("No alert is sent: set ALERT_WEBHOOK_URL or ALERT_EMAIL_URL.\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
