"""The host's proxy: whether it answers for the public names, and its certificates are renewed in time."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from deployments.doctor.finding import Env, Finding, fail, ok

PROXY: Final = ("127.0.0.1", 443)
LEAST_LEFT: Final = 1 / 6
"""Share of a certificate's life. Caddy renews at a third: at a sixth it has failed to for half that time."""
ADVICE: Final = "systemctl status caddy; journalctl -u caddy says why."


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate begins and ends to be valid."""

    begins: datetime
    ends: datetime

    def left(self, now: datetime) -> float:
        """The share of its life that lies ahead; negative once it is over."""
        return (self.ends - now) / (self.ends - self.begins)


def check_proxy(env: Env, proxy: tuple[str, int] = PROXY) -> list[Finding]:
    """Nothing where no proxy of ours is: BACKUP_FOLDER is set on hosts alone."""
    if not env.get("BACKUP_FOLDER", "").strip():
        return []
    found = (urlsplit(env.get(name, "")) for name in ("MLFLOW_PUBLIC_URI", "PREFECT_UI_URL"))
    names = [each.hostname for each in found if each.scheme == "https" and each.hostname]
    return [_certificate(name, proxy, datetime.now(UTC)) for name in names]


def _certificate(name: str, proxy: tuple[str, int], now: datetime) -> Finding:
    subject = f"certificate of {name}"
    try:
        validity = _shown(name, proxy)
    except OSError as error:
        return fail(subject, f"the proxy shows none at port {proxy[1]}: {error}", ADVICE)
    found = f"valid until {validity.ends:%Y-%m-%d %H:%M} UTC"
    if validity.left(now) > LEAST_LEFT:
        return ok(subject, found)
    todo = f"{ADVICE} Renewing needs port 443 open to the world, and the name's address to be this host's."
    return fail(subject, f"{found}, and not renewed", todo)


def _shown(name: str, proxy: tuple[str, int]) -> Validity:
    """Who signed it is for browsers to judge: TLS=internal has an authority of its own."""
    from cryptography import x509  # noqa: PLC0415 (comes with MLflow; the doctor looks at the service alone too)

    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(proxy, timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=name) as tls,
    ):
        shown = tls.getpeercert(binary_form=True)
    if shown is None:
        raise ConnectionError("no certificate")
    certificate = x509.load_der_x509_certificate(shown)
    return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
