import threading
from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack.health import cause_of, wait_until_all_run
from deployments.local.stack.services import all_services
from deployments.local.stack.supervisor import ServiceState, Supervisor
from deployments.waiting import Abandoned, wait_until


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("FATAL: could not write: No space left on device", "The disk is full: free some space"),
        ("sqlite3.OperationalError: database or disk is full", "The disk is full"),
        ("[Errno 98] address already in use", "Its port was taken"),
        ("ValueError: odd", "Its last words: ValueError: odd"),
        ("", "It said nothing"),
    ],
)
def test_the_cause_is_found_in_the_log(tmp_path: Path, said: str, advice: str) -> None:
    log = tmp_path / "mlflow.log"
    log.write_text(f"starting\n{said}\n" if said else "")
    assert advice in cause_of(log)
    assert str(log) in cause_of(log)


def test_waiting_ends_when_the_check_holds_or_time_is_up() -> None:
    answers = iter([False, False, True])
    assert wait_until(lambda: next(answers), seconds=5, poll=0)
    assert not wait_until(lambda: False, seconds=0, poll=0)


def test_waiting_ends_at_once_when_it_is_abandoned() -> None:
    abandoned = threading.Event()
    abandoned.set()
    with pytest.raises(Abandoned):
        wait_until(lambda: False, seconds=60, poll=60, abandoned=abandoned)


class Supervised(Supervisor):
    """Services whose states change from one look to the next; the last look's stay."""

    def __init__(self, settings: StackSettings, *looks: dict[str, str]) -> None:
        super().__init__(settings)
        self.looks = list(looks)

    def states(self) -> dict[str, ServiceState]:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return {name: ServiceState(state=state, pid=1, description="") for name, state in look.items()}


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    made = StackSettings(state=tmp_path)
    made.logs.mkdir(parents=True)
    return made


def all_but(settings: StackSettings, **states: str) -> dict[str, str]:
    return {service.name: "RUNNING" for service in all_services(settings)} | states


def test_what_has_just_been_started_is_waited_for(settings: StackSettings) -> None:
    """`make status` after `make up` must not find a service that is still starting."""
    starting = all_but(settings, rescuer="STARTING")
    supervised = Supervised(settings, starting, starting, all_but(settings))
    wait_until_all_run(settings, supervised, all_services(settings))
    assert supervised.looks == [all_but(settings)]


def test_a_service_that_was_given_up_is_named_with_its_last_words(settings: StackSettings) -> None:
    (settings.logs / "rescuer.log").write_text("no such module\n")
    supervised = Supervised(settings, all_but(settings, rescuer="FATAL"))
    with pytest.raises(StackError, match=r"rescuer did not start.*no such module"):
        wait_until_all_run(settings, supervised, all_services(settings))
