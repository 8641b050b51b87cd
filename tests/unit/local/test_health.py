import threading
from pathlib import Path

import pytest

from deployments.local.stack.health import cause_of
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
