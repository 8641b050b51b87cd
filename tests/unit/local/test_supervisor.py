import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack import processes
from deployments.local.stack.services import Service
from deployments.local.stack.supervisor import Supervisor, log_file
from tests.pace import patience

PROGRAM = f"{sys.executable} -uc \"import os, time; print(os.environ['SAID'], flush=True); time.sleep(60)\""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[StackSettings]:
    found = StackSettings(state=tmp_path / "state")
    found.state.mkdir()
    yield found
    Supervisor(found).stop()
    processes.end_all(found.state)


def sleeper(settings: StackSettings, said: str) -> Service:
    marker = {processes.STACK_MARKER: str(settings.state)}
    return Service(name="sleeper", command=PROGRAM, environment=marker | {"SAID": said})


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + patience(15)
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def pid_of(supervisor: Supervisor) -> int | None:
    state = supervisor.states().get("sleeper")
    return state.pid if state else None


def test_a_killed_service_comes_back(settings: StackSettings) -> None:
    supervisor = Supervisor(settings)
    supervisor.start([sleeper(settings, "one")])
    supervisor.start_service("sleeper")
    wait_for(lambda: pid_of(supervisor))
    first = pid_of(supervisor)
    assert first
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: pid_of(supervisor) not in (None, first))


def test_a_changed_service_is_replaced_and_an_unchanged_one_left_alone(settings: StackSettings) -> None:
    supervisor = Supervisor(settings)
    supervisor.start([sleeper(settings, "50 % one")])
    supervisor.start_service("sleeper")
    wait_for(lambda: pid_of(supervisor))
    first = pid_of(supervisor)
    supervisor.start([sleeper(settings, "50 % one")])
    supervisor.start_service("sleeper")
    assert pid_of(supervisor) == first
    supervisor.start([sleeper(settings, "two, it's = changed")])
    supervisor.start_service("sleeper")
    wait_for(lambda: pid_of(supervisor) not in (None, first))
    wait_for(lambda: "two, it's = changed" in log_file(settings, "sleeper").read_text())


def test_a_double_quote_in_a_path_is_refused_with_the_reason(settings: StackSettings) -> None:
    with pytest.raises(StackError, match="double quote"):
        Supervisor(settings).start([sleeper(settings, 'a "quote"')])


def test_stopping_ends_services_and_supervisor(settings: StackSettings) -> None:
    supervisor = Supervisor(settings)
    supervisor.start([sleeper(settings, "one")])
    supervisor.start_service("sleeper")
    wait_for(lambda: pid_of(supervisor))
    supervisor.stop()
    assert not supervisor.is_running()
    assert supervisor.states() == {}
    wait_for(lambda: not processes.of_stack(settings.state))


def test_a_wrong_user_in_the_environment_does_not_matter(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    supervisor = Supervisor(settings)
    supervisor.start([sleeper(settings, "one")])
    assert supervisor.is_running()
