"""Connection strings as a provider's console gives them."""

from __future__ import annotations

import pytest

from serving.errors import SettingsError
from serving.prediction_log.database import target

POOLED = "postgresql://neondb_owner:npg_pass@ep-cool-name-a2-pooler.eu-central-1.aws.neon.tech/neondb"


@pytest.mark.parametrize("host", [POOLED, POOLED.replace("-pooler", "")])
def test_the_consoles_string_loses_only_what_the_driver_does_not_know(host: str) -> None:
    made = target(f"{host}?sslmode=require&channel_binding=require")
    assert made.dsn == f"{host}?sslmode=require"
    assert made.verify, "channel binding was asked for, so the certificate is checked"


def test_options_keep_their_encoding() -> None:
    made = target(f"{POOLED}?sslmode=require&options=endpoint%3Dep-cool-name-a2")
    assert made.dsn.endswith("?sslmode=require&options=endpoint%3Dep-cool-name-a2")
    assert not made.verify


def test_a_certificate_of_ones_own_is_left_to_the_driver() -> None:
    made = target(f"{POOLED}?sslmode=require&channel_binding=require&sslrootcert=/ca.pem")
    assert not made.verify
    assert "sslrootcert=%2Fca.pem" in made.dsn


def test_a_socket_folder_is_an_address_too() -> None:
    assert target("postgresql:///wine?host=/run/pg").name == "/run/pg/wine"


def test_passwords_do_not_print() -> None:
    assert "npg_pass" not in repr(target(POOLED)) + target(POOLED).name


@pytest.mark.parametrize("uri", ["mysql://x/y", "wine", "postgresql+psycopg2://u:p@h/d"])
def test_what_is_no_postgresql_is_named_with_an_example(uri: str) -> None:
    with pytest.raises(SettingsError, match="NEON_URI=postgresql://"):
        target(uri)
