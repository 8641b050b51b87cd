"""A placeholder is a whole secret, not a word in one."""

from __future__ import annotations

import pytest

from configuration.errors import SettingsError
from configuration.placeholders import holds_placeholder, is_placeholder
from configuration.postgresql import postgres_address


@pytest.mark.parametrize(
    "secret",
    [
        "changeme",
        "Change-Me",
        "CHANGE_ME!",
        "changemechangeme",
        "<password>",
        "<choose a password>",
        "your-secret-here",
        "your_password",
        "password",
        "PASSWORD",
        "password1234",
        "todo",
        "TODO",
        "xxxx",
        "****************",
        "••••••••",
        "…",
        "hf_…",
        "${NEON_PASSWORD}",
        "$PASSWORD",
        "{{ password }}",
        "output of: openssl rand -hex 32",
        "placeholder",
        "Example",
        "secret",
    ],
)
def test_what_examples_leave_behind(secret: str) -> None:
    assert is_placeholder(secret)


@pytest.mark.parametrize(
    "secret",
    [
        "todo-list-2026",
        "mastodon7",
        "Ptodo9fK",
        "correct horse battery",
        "npg_a<b>c",
        "passwordless-Entry-9",
        "sEcret-7fQ",
        "an example of a long phrase",
        "$ecret9K!",
        "your-horse-battery",
        "myPlaceholder88x",
        "0123456789abcdef",
        "x7x8x9",
        "changement-de-cave",
        "",
    ],
)
def test_a_secret_may_hold_any_word(secret: str) -> None:
    assert not is_placeholder(secret)


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://wine:hush@db/todo",
        "postgresql://todo:hush@db/wine",
        "postgresql://wine:mytodos@placeholder.internal/changeme",
        "https://example.org/your-team/hook",
        "mailtos://me:hush@smtp.my-team.org?to=todo@my-team.org",
    ],
)
def test_other_parts_of_a_url_may_be_called_anything(uri: str) -> None:
    assert not holds_placeholder(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://wine:<password>@db/wine",
        "postgresql://wine:change%20me@db/wine",
        "mailtos://me:your-password@smtp.my-team.org?to=me@my-team.org",
        "https://hooks.slack.com/services/T000/B000/xxxx",
    ],
)
def test_the_secret_in_a_url_is_what_counts(uri: str) -> None:
    assert holds_placeholder(uri)


def test_a_masked_password_of_a_console_is_refused() -> None:
    with pytest.raises(SettingsError, match="placeholder"):
        postgres_address("NEON_URI", "postgresql://owner:****************@ep-x.neon.tech/neondb")
