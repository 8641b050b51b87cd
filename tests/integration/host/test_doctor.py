"""The doctor names what is wrong and what to do, on servers that are wrong on purpose."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deployments.doctor import machine
from deployments.doctor.__main__ import main, report, run_checks
from deployments.doctor.backups import check_backups
from deployments.doctor.database import check_database
from deployments.doctor.finding import Check, Finding
from deployments.doctor.machine import _secrets
from deployments.doctor.orchestration import DEPLOYMENTS, check_orchestration
from deployments.doctor.settings import SECRETS, check_settings
from deployments.doctor.storage import check_storage
from deployments.doctor.tracker import check_tracker
from deployments.local.errors import StackError
from pricing.errors import ArtefactError
from tests.integration.alerts.receivers import webhook
from tests.pace import patience

SETTINGS_PAGE = Path(__file__).resolve().parents[3] / "docs/settings.md"
Answers = dict[str, tuple[int, object]]


@contextmanager
def server(answers: Answers, default: int = 404) -> Iterator[str]:
    """An HTTP server that answers each path (without its query) as told."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = answers.get(self.path.partition("?")[0], (default, {}))
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_address[1]}"
    finally:
        running.shutdown()
        running.server_close()


def bad(check: Check, **env: str) -> list[Finding]:
    return [finding for finding in check(env) if finding.verdict in {"fail", "warn"}]


@pytest.mark.parametrize(
    ("status", "todo"), [(401, "MLFLOW_TRACKING_USERNAME"), (403, "TRACKER_HOSTS"), (500, "log says why")]
)
def test_tracker_that_refuses(status: int, todo: str) -> None:
    with server({}, default=status) as url:
        [finding] = bad(check_tracker, MLFLOW_TRACKING_URI=url)
    assert finding.verdict == "fail"
    assert todo in finding.todo


def test_tracker_of_another_version_without_a_model() -> None:
    answers: Answers = {"/api/2.0/mlflow/experiments/search": (200, {}), "/version": (200, "2.9.1")}
    with server(answers) as url:
        found = bad(check_tracker, MLFLOW_TRACKING_URI=url)
    assert [finding.subject for finding in found] == ["tracker's version", "production model"]
    assert "train/wine-train" in found[1].todo


def test_tracker_that_is_not_there() -> None:
    [finding] = bad(check_tracker, MLFLOW_TRACKING_URI="http://127.0.0.1:9")
    assert "does not answer" in finding.found


def prefect(names: set[str], workers: list[str], *, paused: bool) -> Answers:
    return {
        "/api/deployments/filter": (200, [{"name": name} for name in names]),
        "/api/work_pools/ec2-host/workers/filter": (200, [{"name": w, "status": "ONLINE"} for w in workers]),
        "/api/work_pools/ec2-host": (200, {"is_paused": paused}),
    }


def test_prefect_without_worker_or_deployments_and_with_a_paused_pool() -> None:
    with server(prefect({"wine-train"}, [], paused=True)) as url:
        found = bad(check_orchestration, PREFECT_API_URL=f"{url}/api")
    assert [finding.subject for finding in found] == ["deployments", "worker", "work pool"]
    assert "wine-promote" in found[0].found
    assert "deploy-flows.sh" in found[0].todo


def test_prefect_as_it_should_be_or_behind_a_password() -> None:
    with server(prefect(set(DEPLOYMENTS), ["host"], paused=False)) as url:
        assert bad(check_orchestration, PREFECT_API_URL=f"{url}/api") == []
    with server({}, default=401) as url:
        [finding] = bad(check_orchestration, PREFECT_API_URL=f"{url}/api")
    assert "PREFECT_API_AUTH_STRING" in finding.todo


def test_database_that_cannot_be_reached_shows_no_password() -> None:
    [finding] = bad(check_database, NEON_URI="postgresql://user:s3cr3t@127.0.0.1:9/wine")
    assert finding.verdict == "fail"
    assert "s3cr3t" not in report([finding])


def test_folders_without_files_or_rights(tmp_path: Path) -> None:
    (tmp_path / "winemag-train.csv").write_text("id\n")
    (tmp_path / "file").write_text("")
    found = bad(check_storage, ARTIFACT_DATA=str(tmp_path), ARTIFACT_ROOT=str(tmp_path / "file"))
    assert "lacks winemag-test.csv" in found[0].found
    assert "cannot be written" in found[1].found


def test_malformed_settings_are_named() -> None:
    found = bad(check_settings, MLFLOW_TRACKING_URI="mlflow", TRACKER_HOSTS="*", SERVING_PORT="http")
    text = report(found)
    for name in ("MLFLOW_TRACKING_URI", "SERVING_PORT", "MLFLOW_AUTH_ADMIN_PASSWORD"):
        assert name in text


def documented_secrets() -> dict[str, str]:
    """Name → example of every secret of docs/settings.md."""
    page = SETTINGS_PAGE.read_text().partition("## GitHub secrets")[0]
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|(.*)\|$", page, re.MULTILINE)
    cells = {name: [cell.strip() for cell in rest.split("|")] for name, rest in rows}
    return {name: row[2].strip("`") for name, row in cells.items() if row[-1] == "yes"}


def test_every_documented_secret_is_looked_at() -> None:
    assert set(SECRETS) == documented_secrets().keys()


@pytest.mark.parametrize("name", SECRETS)
def test_placeholder_of_any_secret_is_reported(name: str) -> None:
    found = bad(check_settings, **{name: "<change-me>"})
    assert name in [finding.subject for finding in found]


def test_settings_of_alerts_and_of_ecs_are_checked() -> None:
    found = bad(check_settings, ALERT_WEBHOOK_URL="slack", ECS_DEPLOYMENTS="wine-train")
    assert [finding.subject for finding in found] == ["alerts", "settings of ECS"]
    assert "ECS_IMAGE" in found[1].found


def test_pool_of_ecs_without_a_worker_is_reported() -> None:
    answers = prefect(set(DEPLOYMENTS), ["host"], paused=False)
    answers["/api/work_pools/wine-ecs/workers/filter"] = (200, [])
    with server(answers) as url:
        [finding] = bad(check_orchestration, PREFECT_API_URL=f"{url}/api", ECS_DEPLOYMENTS="wine-train")
    assert "prefect worker start --pool wine-ecs" in finding.todo


def test_library_that_the_system_lacks_is_reported_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_openmp() -> None:
        raise ArtefactError("LightGBM cannot be loaded (libgomp.so.1). Install: apt install libgomp1")

    monkeypatch.setattr(machine, "load_lightgbm", without_openmp)
    (finding,) = machine._lightgbm()
    assert finding.verdict == "fail"
    assert "apt install libgomp1" in finding.todo


def test_postgres_that_cannot_be_run_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> str:
        raise StackError("PostgreSQL cannot be run by root. Run make up as an ordinary user.")

    monkeypatch.setattr(machine, "require_usable", refused)
    (finding,) = machine._postgres()
    assert finding.verdict == "fail"
    assert "ordinary user" in finding.todo


def test_machine_that_has_all_says_so() -> None:
    assert {finding.verdict for finding in (*machine._lightgbm(), *machine._postgres())} == {"ok"}


def test_readable_secrets_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    path.write_text("PREFECT_PASSWORD=x")
    path.chmod(0o644)
    [finding] = _secrets((path,))
    assert f"chmod 600 {path}" in finding.todo


def backups(folder: Path, *ages: timedelta) -> None:
    for age in ages:
        (folder / f"tracker-{datetime.now(UTC) - age:%Y%m%dT%H%M%SZ}.dump").write_bytes(b"")


def test_fresh_backup_that_leaves_the_host_is_good(tmp_path: Path) -> None:
    backups(tmp_path, timedelta(hours=20), timedelta(days=9))
    (tmp_path / "tracker-20991231T000000Z.part").write_bytes(b"")  # cut off: no backup
    assert bad(check_backups, BACKUP_FOLDER=str(tmp_path), BACKUP_URI="s3://my-bucket/backups/") == []


@pytest.mark.parametrize("uri", ["", "  ", "/mnt/backups", "s3:/my-bucket"])
def test_old_backup_or_one_on_this_disk_alone_is_none(tmp_path: Path, uri: str) -> None:
    backups(tmp_path, timedelta(hours=40))
    found = bad(check_backups, BACKUP_FOLDER=str(tmp_path), BACKUP_URI=uri)
    assert [finding.subject for finding in found] == ["last backup", "backups elsewhere"]
    assert "40 hours old" in found[0].found
    assert "BACKUP_URI=s3://" in found[1].todo


def test_no_backup_at_all_is_said(tmp_path: Path) -> None:
    [finding] = bad(check_backups, BACKUP_FOLDER=str(tmp_path), BACKUP_URI="s3://my-bucket/")
    assert "there is none" in finding.found


def test_host_that_would_tell_nobody_fails() -> None:
    [finding] = bad(check_settings, PREFECT_API_URL="http://127.0.0.1:4200/api", ALERT_EMAIL_URL=" ")
    assert finding.verdict == "fail"
    assert "no alert is sent" in finding.found


def test_host_whose_end_nobody_would_notice_is_warned_of() -> None:
    host = {"BACKUP_FOLDER": "/var/backups/wine", "ALERT_WEBHOOK_URL": "https://hooks.my-team.org/wine"}
    [finding] = bad(check_settings, **host)
    assert finding.verdict == "warn"
    assert "DRIFT_PING_URL is not set" in finding.found
    assert bad(check_settings, **host, DRIFT_PING_URL="https://hc-ping.com/7c2d9b1e") == []


def test_what_fails_is_sent_to_the_team(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with webhook() as (url, texts):
        monkeypatch.setenv("ALERT_WEBHOOK_URL", url)
        monkeypatch.setenv("BACKUP_FOLDER", str(tmp_path))
        assert main(["--notify"]) == 1
        assert "last backup: there is none" in texts.get(timeout=patience(10))
    assert "checks failed" in capsys.readouterr().out


def test_empty_environment_is_not_an_error() -> None:
    assert not [finding for finding in run_checks({}) if finding.verdict == "fail"]


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "BACKEND_STORE_URI", "NEON_URI"])
@pytest.mark.parametrize(
    "uri",
    [
        "http://owner:s3cr3t-word@127.0.0.1:9",
        "postgresql://owner:s3cr3t-word@127.0.0.1:9/wine",
        "postgresql://owner:s3cr3t-word#1@127.0.0.1:9/wine",
        "postgresql://owner:1/s3cr3t-word@127.0.0.1:9/wine",
    ],
)
def test_no_password_in_an_address_is_ever_printed(name: str, uri: str) -> None:
    assert "s3cr3t-word" not in report(run_checks({name: uri, "TRACKER_HOSTS": "mlflow.my-team.org"}))


def test_database_of_any_name_is_no_placeholder() -> None:
    found = check_settings({"NEON_URI": "postgresql://wine:mytodos@127.0.0.1:9/todo"})
    assert not [finding for finding in found if finding.verdict == "fail"]
