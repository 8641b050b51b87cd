"""Secrets that documentation or an example file left behind.

The whole secret is compared, where it stands: a database called `todo` is a database, and a password that
contains a word of an example is a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

PLACEHOLDER: Final = "holds a placeholder, not a secret; set a real one or unset it"

_WORDS: Final = (
    "changeme", "changethis", "pleasechange", "password", "passwd", "passphrase", "secret", "placeholder",
    "example", "todo", "tbd", "fixme", "dummy", "redacted",
)  # fmt: skip
_ONLY_WORDS: Final = re.compile(rf"(?:{'|'.join(_WORDS)})+[0-9!.]{{0,8}}")
_NO_MEANING: Final = re.compile(r"[x*•.·#?]{3,}")
_BRACKETS: Final = (("<", ">"), ("${", "}"), ("$(", ")"), ("{{", "}}"))
_BEGINNINGS: Final = ("output of", "the output of")
_YOURS: Final = re.compile(r"your(?:own|new|real|api|db|database)?(?:password|secret|token|key|salt)\w{0,12}")
_VARIABLE: Final = re.compile(r"\$[A-Z_][A-Z0-9_]*")
_SEPARATORS: Final = re.compile(r"[\s_-]")


def is_placeholder(secret: str) -> bool:
    """Whether a secret, taken whole, is what an example or a template has in its place."""
    lowered = secret.strip().casefold()
    bare = _SEPARATORS.sub("", lowered)
    return bool(
        any(lowered.startswith(opening) and lowered.endswith(closing) for opening, closing in _BRACKETS)
        or lowered.startswith(_BEGINNINGS)
        or "…" in lowered
        or _ONLY_WORDS.fullmatch(bare)
        or _YOURS.fullmatch(bare)
        or _VARIABLE.fullmatch(secret.strip())
        or _NO_MEANING.fullmatch(bare)
    )


def holds_placeholder(value: str) -> bool:
    """The same of a setting that may be a URL or `name:secret`, in which the secret is one part."""
    return any(map(is_placeholder, _secrets_in(value)))


def _secrets_in(value: str) -> Iterator[str]:
    scheme, is_url, rest = value.strip().partition("://")
    if not is_url or not scheme.replace("+", "").isalnum():
        yield value
        return
    userinfo, has_user, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    if has_user:
        yield unquote(userinfo.partition(":")[2])
    else:
        yield rest.rpartition("/")[2]  # where the address itself is the secret
