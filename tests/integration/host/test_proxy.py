"""The doctor sees a proxy that is gone, and a certificate that is not renewed, on a real TLS server."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from deployments.doctor.finding import Finding
from deployments.doctor.proxy import check_proxy
from tests.pace import patience
from tests.ports import free_port

HOST = {
    "BACKUP_FOLDER": "/var/backups/wine",
    "MLFLOW_PUBLIC_URI": "https://mlflow.my-team.org",
    "PREFECT_UI_URL": "https://prefect.my-team.org",
}
DAY = timedelta(days=1)


@contextmanager
def proxy(folder: Path, age: timedelta, left: timedelta) -> Iterator[tuple[str, int]]:
    """A TLS server whose certificate was made `age` ago and ends in `left`."""
    now = datetime.now(UTC)
    names = (HOST["MLFLOW_PUBLIC_URI"], HOST["PREFECT_UI_URL"])
    certificate = trustme.CA().issue_cert(
        *(name.removeprefix("https://") for name in names), not_before=now - age, not_after=now + left
    )
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "proxy.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "proxy.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer, args=(server, context, len(names)), daemon=True)
        thread.start()
        yield server.getsockname()
        thread.join(patience(10))


def _answer(server: socket.socket, context: ssl.SSLContext, times: int) -> None:
    """Who only looks at the certificate leaves without reading what the server sends after it."""
    for _ in range(times):
        connection, _ = server.accept()
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)


def looked_at(folder: Path, age: timedelta, left: timedelta) -> list[Finding]:
    with proxy(folder, age, left) as address:
        return check_proxy(HOST, address)


@pytest.mark.parametrize(("age", "left"), [(60 * DAY, 30 * DAY), (DAY / 3, DAY / 6)], ids=["public", "own"])
def test_certificate_that_is_still_to_be_renewed_is_good(
    tmp_path: Path, age: timedelta, left: timedelta
) -> None:
    found = looked_at(tmp_path, age, left)
    assert [(each.verdict, each.subject) for each in found] == [
        ("ok", "certificate of mlflow.my-team.org"),
        ("ok", "certificate of prefect.my-team.org"),
    ]


@pytest.mark.parametrize("left", [10 * DAY, -DAY], ids=["soon over", "over"])
def test_certificate_that_was_not_renewed_fails_before_browsers_refuse_it(
    tmp_path: Path, left: timedelta
) -> None:
    found = looked_at(tmp_path, 80 * DAY, left)
    assert {each.verdict for each in found} == {"fail"}
    assert "not renewed" in found[0].found
    assert "journalctl -u caddy" in found[0].todo


def test_proxy_that_is_gone_fails() -> None:
    found = check_proxy(HOST, ("127.0.0.1", free_port()))
    assert [each.verdict for each in found] == ["fail", "fail"]
    assert "refused" in found[0].found


def test_machine_without_our_proxy_is_not_asked() -> None:
    assert check_proxy({"MLFLOW_PUBLIC_URI": "https://mlflow.my-team.org"}) == []
    assert (
        check_proxy({"BACKUP_FOLDER": "/var/backups/wine", "PREFECT_UI_URL": "http://127.0.0.1:4200"}) == []
    )
