"""What of the service's state is worth telling a person."""

from datetime import UTC, datetime, timedelta

import pytest

from flows.watching.service_health import Patience, is_stale, problems, read_health
from tests.ports import free_port

CALM = {"rows": 0, "oldest_seconds": 0.0, "dropped": 0, "dead_letters": 0}


@pytest.mark.parametrize(
    ("health", "words"),
    [
        ({"status": "OK", "outbox": CALM}, None),
        ({"status": "OK", "outbox": {**CALM, "rows": 40, "oldest_seconds": 3.0}}, None),
        ({"status": "OK", "outbox": {**CALM, "rows": 9_000, "oldest_seconds": 3.0}}, "9,000 rows wait"),
        ({"status": "OK", "outbox": {**CALM, "rows": 1, "oldest_seconds": 3_600}}, "60 minutes"),
        ({"status": "OK", "outbox": {**CALM, "dropped": 2}}, "could not be kept"),
        ({"status": "OK", "outbox": {**CALM, "dead_letters": 1}}, "refused 1 rows"),
        ({"status": "OK", "outbox": CALM, "database": {"problem": "crashed"}}, "relay fails"),
        ({"status": "NO MODEL", "outbox": CALM}, "NO MODEL"),
        ({"status": "OK"}, None),
    ],
)
def test_what_is_trouble(health, words) -> None:
    found = problems(health, Patience())
    assert (not found) if words is None else (words in found[0])


def test_a_service_that_does_not_answer_is_trouble_not_an_error() -> None:
    health = read_health(f"http://127.0.0.1:{free_port()}")
    assert "does not answer" in problems(health, Patience())[0]


def test_a_model_grows_stale() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert is_stale(now - timedelta(days=61), now, Patience())
    assert not is_stale(now - timedelta(days=59), now, Patience())
