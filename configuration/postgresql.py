"""Connection strings of PostgreSQL, as a provider's console gives them: read once, refused where ambiguous.

No message holds a part of the string: what looks like a host may be the rest of a password.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from configuration.errors import SettingsError
from configuration.placeholders import is_placeholder

EXAMPLE: Final = "postgresql://user:password@ep-name-123.eu-central-1.aws.neon.tech/neondb?sslmode=require"

_SCHEMES: Final = ("postgresql", "postgres")
_RESERVED: Final = {"#": "%23", "/": "%2F", "?": "%3F", "[": "%5B", "]": "%5D", "@": "%40"}
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:<>{}\[\]\"'\\|^`]*)(?::(?P<port>[0-9]{1,5}))?")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_CHOICES: Final = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "channel_binding": ("disable", "prefer", "require"),
}
_OTHER_CLIENTS: Final = frozenset(
    {
        "channel_binding", "connect_timeout", "connection_limit", "fallback_application_name", "gssencmode",
        "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "load_balance_hosts",
        "pgbouncer", "pool_timeout", "require_auth", "requirepeer", "sslcertmode", "sslcompression", "sslsni",
        "tcp_user_timeout",
    }
)  # fmt: skip
"""Parameters of libpq and of object mappers, which asyncpg would hand to the server as its settings."""
_LARGEST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a database is. `dsn` (for asyncpg) holds the password and never prints; `name` is for people.

    `verify`: the server's certificate is checked against the system's authorities. asyncpg cannot bind
    channels, so this stands in for a `channel_binding` that is required. `bare` is the string without its
    password, for PostgreSQL's own programs, which take `password` from their environment.
    """

    dsn: str = field(repr=False)
    name: str
    verify: bool
    bare: str = field(repr=False)
    password: str | None = field(repr=False)

    def __str__(self) -> str:
        return self.name

    def tls(self) -> dict[str, ssl.SSLContext]:
        """What asyncpg is given besides `dsn` where the certificate is to be checked."""
        return {"ssl": ssl.create_default_context()} if self.verify else {}


def postgres_address(setting: str, uri: str) -> PostgresAddress:
    """The database that `uri`, the value of `setting`, leads to. Raises SettingsError."""
    scheme, _, rest = uri.strip().partition("://")
    if scheme.lower() not in _SCHEMES:
        raise SettingsError.of(
            setting, "must begin with postgresql://, without quotes or a command before it", EXAMPLE
        )
    try:
        userinfo, hosts, path, query = _parts(rest)
        _check_user(userinfo)
        _check_hosts(hosts)
        parameters = _parameters(query)
    except ValueError as error:
        raise SettingsError.of(setting, str(error), EXAMPLE) from None
    user, _, secret = userinfo.partition(":")
    password = unquote(secret) or parameters.get("password", "")
    if is_placeholder(password):
        raise SettingsError.of(
            setting, "the password in it is a placeholder; copy the whole string from the console", EXAMPLE
        )
    return _address(user, secret, f"{hosts}{path}", parameters)


def _parts(rest: str) -> tuple[str, str, str, str]:
    """User and password, hosts, path and query. Raises ValueError where it is open which is which."""
    if "#" in rest:
        raise ValueError("has a #, which ends a URL: in a user name or password encode # as %23")
    location, _, query = rest.partition("?")
    authority, slash, path = location.partition("/")
    for sign, behind in (("/", path), ("?", re.sub(r"(?:^|&)(?:user|password|options)=[^&]*", "", query))):
        if "@" not in behind:
            continue
        raise ValueError(
            f"has a {sign} before the @ of the host: in a user name or password encode {sign} as "
            f"{_RESERVED[sign]} (and @ as %40)"
        )
    userinfo, _, hosts = authority.rpartition("@")
    return userinfo, hosts, slash + path, query


def _check_user(userinfo: str) -> None:
    for sign, code in _RESERVED.items():
        if sign in userinfo:
            raise ValueError(f"has a {sign} in its user name or password: encode {sign} as {code}")
    if re.search(r"%(?![0-9A-Fa-f]{2})", userinfo):
        raise ValueError("has a % in its user name or password: encode % as %25")
    if re.search(r"\s", userinfo):
        raise ValueError("has a space in its user name or password: encode it as %20")


def _check_hosts(hosts: str) -> None:
    for host in hosts.split(","):
        found = _HOST.fullmatch(host)
        if found is None:
            raise ValueError(
                "names no host and port that can be read: user:password@host:5432/database was expected, "
                "with : and @ of a user name or password encoded as %3A and %40"
            )
        if found["port"] and not 1 <= int(found["port"]) <= _LARGEST_PORT:
            raise ValueError(f"has a port that is not between 1 and {_LARGEST_PORT}")


def _parameters(query: str) -> dict[str, str]:
    """Parameters by name; empty ones are left out."""
    try:
        parameters = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    except ValueError:
        raise ValueError("has parameters that are not name=value&name=value after its ?") from None
    for key, value in parameters.items():
        if not _KEY.fullmatch(key):
            raise ValueError("has a parameter whose name is not one, after its ?")
        if value not in _CHOICES.get(key, (value,)):
            raise ValueError(f"{key} must be one of {', '.join(_CHOICES[key])}")
    return parameters


def _address(user: str, secret: str, place: str, parameters: dict[str, str]) -> PostgresAddress:
    mode = parameters.get("sslmode", "require")
    bare = f"{user}@" if user or secret else ""
    full = f"{user}:{secret}@" if secret else bare
    return PostgresAddress(
        dsn=f"postgresql://{full}{place}{_query(parameters, _OTHER_CLIENTS)}",
        name=_name(place, parameters),
        verify=parameters.get("channel_binding") == mode == "require" and "sslrootcert" not in parameters,
        bare=f"postgresql://{bare}{place}{_query(parameters, {'password'})}",
        password=unquote(secret) or parameters.get("password"),
    )


def _name(place: str, parameters: dict[str, str]) -> str:
    """Host and database, without ports."""
    hosts, slash, database = place.partition("/")
    shown = hosts or parameters.get("host") or "localhost"
    return f"{re.sub(r':[0-9]+(?=,|$)', '', shown)}{slash}{database}"


def _query(parameters: dict[str, str], without: Collection[str]) -> str:
    kept = {key: value for key, value in parameters.items() if key not in without}
    return f"?{urlencode(kept, quote_via=quote, safe='/')}" if kept else ""
