"""Connection strings as a provider's console gives them, and as people spoil them."""

from __future__ import annotations

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args as parse_as_asyncpg
from hypothesis import given
from hypothesis import strategies as st

from configuration.errors import SettingsError
from configuration.postgresql import PostgresAddress, postgres_address

POOLED = "postgresql://neondb_owner:npg_pass@ep-cool-name-a2-pooler.eu-central-1.aws.neon.tech/neondb"
RESERVED = {"#": "%23", "/": "%2F", "?": "%3F", "[": "%5B", "]": "%5D", "@": "%40", "%": "%25"}


def read(uri: str) -> PostgresAddress:
    return postgres_address("NEON_URI", uri)


@pytest.mark.parametrize("host", [POOLED, POOLED.replace("-pooler", "")])
def test_the_consoles_string_loses_only_what_the_driver_does_not_know(host: str) -> None:
    address = read(f"{host}?sslmode=require&channel_binding=require")
    assert address.dsn == f"{host}?sslmode=require"
    assert address.verify, "channel binding was asked for, so the certificate is checked"


def test_options_keep_their_encoding() -> None:
    address = read(f"{POOLED}?sslmode=require&options=endpoint%3Dep-cool-name-a2")
    assert address.dsn.endswith("?sslmode=require&options=endpoint%3Dep-cool-name-a2")
    assert not address.verify


def test_parameters_of_other_clients_do_not_reach_the_server() -> None:
    address = read(f"{POOLED}?sslmode=require&pgbouncer=true&connect_timeout=10&application_name=wine")
    assert address.dsn == f"{POOLED}?sslmode=require&application_name=wine"
    assert "connect_timeout=10" in address.bare, "PostgreSQL's own programs know it"


def test_a_certificate_of_ones_own_is_left_to_the_driver() -> None:
    address = read(f"{POOLED}?sslmode=require&channel_binding=require&sslrootcert=/ca.pem")
    assert not address.verify
    assert "sslrootcert=/ca.pem" in address.dsn


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("postgresql:///wine?host=/run/pg", "/run/pg/wine"),
        ("postgres://u:p@db.internal:6432/wine", "db.internal/wine"),
        ("postgresql://u:p@[::1]:5432/wine", "[::1]/wine"),
        ("postgresql://u:p@one:5432,two:5433/wine?target_session_attrs=read-write", "one,two/wine"),
        ("postgresql://u:p@127.0.0.1/todo", "127.0.0.1/todo"),
    ],
)
def test_the_name_is_host_and_database(uri: str, name: str) -> None:
    assert str(read(uri)) == name


def test_passwords_do_not_print() -> None:
    address = read(f"{POOLED}?password=npg_pass")
    assert "npg_pass" not in f"{address!r} {address}"


@pytest.mark.parametrize("sign", RESERVED)
@pytest.mark.parametrize("password", ["pa{}ss", "{}", "12{}xy", "a:{}b", "x{}y=z&w"])
@pytest.mark.parametrize("query", ["", "?sslmode=require&channel_binding=require"])
def test_an_unencoded_sign_is_named_with_its_code(sign: str, password: str, query: str) -> None:
    uri = f"postgresql://owner:{password.format(sign)}@ep-cool.neon.tech/wine{query}"
    with pytest.raises(SettingsError, match="NEON_URI") as caught:
        read(uri)
    assert f"encode {sign} as {RESERVED[sign]}" in str(caught.value)
    shown = str(caught.value).partition("Example")[0]
    for part in ("pass", "12", "xy", "owner", "ep-cool"):
        assert part not in shown.replace("password", "")


def refused(uri: str) -> str | None:
    try:
        read(uri)
    except SettingsError as error:
        return str(error)
    return None


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=20))
def test_what_is_read_is_what_was_meant_and_nothing_of_a_password_shows(password: str) -> None:
    """Either the driver gets exactly this password, or it is refused without a word of it."""
    uri = f"postgresql://owner:{password}@db.internal:6432/wine?sslmode=require"
    if refusal := refused(uri):
        assert len(password) < 8 or password not in refusal
        return
    address = read(uri)
    host, given_ = parse_as_asyncpg(
        dsn=address.dsn, host=None, port=None, user=None, password=None, passfile=None, database=None,
        ssl=None, service=None, servicefile=None, direct_tls=None, server_settings=None,
        target_session_attrs=None, krbsrvname=None, gsslib=None,
    )  # fmt: skip
    assert host == [("db.internal", 6432)]
    assert (given_.user, given_.password, given_.database) == ("owner", address.password, "wine")


@pytest.mark.parametrize(
    "uri",
    [
        "mysql://x/y", "wine", "postgresql+psycopg2://u:p@h/d", "psql 'postgresql://u:p@h/d'",
        '"postgresql://u:p@h/d"', "",
    ],
)  # fmt: skip
def test_what_is_no_connection_string_is_named_with_an_example(uri: str) -> None:
    with pytest.raises(SettingsError, match="NEON_URI=postgresql://"):
        read(uri)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("postgresql://owner:hush/wine", "no host and port"),
        ("postgresql://u:p@h:99999/d", "65535"),
        ("postgresql://u:p@<host>/d", "no host and port"),
        ("postgresql://u:p@h/d?sslmode=required", "sslmode must be one of"),
        ("postgresql://u:p@h/d?channel_binding=yes", "channel_binding must be one of"),
        ("postgresql://u:p@h/d?sslmode", "name=value"),
    ],
)
def test_the_rest_of_it_is_checked_too(uri: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as caught:
        read(uri)
    assert "hush" not in str(caught.value)
