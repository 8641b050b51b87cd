"""What a test says whose program is missing, and that continuous integration lets nothing be missing."""

import pytest

from tests import programs


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One without PgBouncer and with PostgreSQL, of an ordinary user."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setitem(programs.PACKAGES, "pgbouncer", lambda: None)
    monkeypatch.setitem(programs.PACKAGES, "postgresql", lambda: "/usr/bin/psql")
    return monkeypatch


def test_a_missing_program_skips_with_the_exact_command(machine: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"sudo apt-get install pgbouncer \(make test-tools"):
        programs.require("postgresql", "pgbouncer")


def test_all_that_is_missing_is_said_at_once(machine: pytest.MonkeyPatch) -> None:
    machine.setitem(programs.PACKAGES, "postgresql", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="apt-get install postgresql pgbouncer"):
        programs.require("postgresql", "pgbouncer")


def test_nothing_may_be_missing_in_continuous_integration(machine: pytest.MonkeyPatch) -> None:
    machine.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="pgbouncer"):
        programs.require("pgbouncer")


def test_what_is_there_skips_nothing(machine: pytest.MonkeyPatch) -> None:
    programs.require("postgresql")
