"""A certificate authority of one's own, and a certificate for 127.0.0.1 that it signed."""

from __future__ import annotations

from pathlib import Path

import trustme


def write_certificates(folder: Path) -> Path:
    """Write `server.crt` and `server.key` into `folder`; where the authority's certificate is."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    server.cert_chain_pems[0].write_to_path(folder / "server.crt")
    server.private_key_pem.write_to_path(folder / "server.key")
    (folder / "server.key").chmod(0o600)
    authority.cert_pem.write_to_path(folder / "authority.crt")
    return folder / "authority.crt"
