"""Alerts go out without Prefect: by webhook, by mail, or the failure itself is reported."""

from __future__ import annotations

import pytest

from deployments.automations.notify import NotTold, main, notify
from deployments.automations.settings import AlertSettings
from tests.integration.alerts.receivers import mail_server, webhook
from tests.pace import patience


def settings(**env: str) -> AlertSettings:
    return AlertSettings.from_env(env)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the mail library
def test_webhook_and_mail_both_get_it() -> None:
    with webhook() as (url, texts), mail_server() as (port, messages):
        mail = f"mailto://127.0.0.1:{port}?from=wine@my-team.org&to=me@my-team.org"
        assert (
            notify(settings(ALERT_WEBHOOK_URL=url, ALERT_EMAIL_URL=mail), "backup failed", "see its log") == 2
        )
        assert texts.get(timeout=patience(10)) == "*backup failed*\nsee its log"
        assert "backup failed" in messages.get(timeout=patience(10))


def test_one_that_cannot_be_told_keeps_nobody_else_from_it() -> None:
    with webhook() as (url, texts):
        mail = "mailto://127.0.0.1:9?from=wine@my-team.org&to=me@my-team.org"
        with pytest.raises(NotTold, match="ALERT_EMAIL_URL took no mail"):
            notify(settings(ALERT_WEBHOOK_URL=url, ALERT_EMAIL_URL=mail), "backup failed", "")
        assert "backup failed" in texts.get(timeout=patience(10))


def test_address_that_does_not_answer_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALERT_WEBHOOK_URL", "http://127.0.0.1:9/services/T0/B0/Wm4xQ9tL")
    monkeypatch.delenv("ALERT_EMAIL_URL", raising=False)
    assert main(["backup failed", ""]) == 1
    said = capsys.readouterr().err
    assert "ALERT_WEBHOOK_URL does not answer" in said
    assert "Wm4xQ9tL" not in said


def test_nobody_to_tell_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ALERT_WEBHOOK_URL", raising=False)
    monkeypatch.delenv("ALERT_EMAIL_URL", raising=False)
    assert main(["backup failed", ""]) == 2
    assert "No alert is sent" in capsys.readouterr().err
