"""When the rescuer gives a run back: not while its worker may still hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from deployments.prefect_api import Json, PrefectApi
from deployments.rescue.rescuer import AGAIN, LATE_REPORTS, STILL, Rescuer, reason_to_run

KILLED = "Process exited with status code: -9"


@dataclass
class CrashedRuns(PrefectApi):
    """A server on which these runs have crashed, killed."""

    ids: list[str]
    scheduled: list[str] = field(default_factory=list)

    def runs_in_state(self, state: str, *, since: timedelta | None = None) -> list[Json]:
        return [self.run(id_) for id_ in self.ids] if state == "CRASHED" else []

    def run(self, run_id: str) -> Json:
        state = {"id": "s", "name": "Crashed", "message": KILLED}
        return {"id": run_id, "name": run_id, "deployment_id": "d", "state_type": "CRASHED", "state": state}

    def states_of(self, run_id: str) -> list[Json]:
        return []

    def propose_state(self, run_id: str, state: str, *, name: str, message: str) -> bool:
        self.scheduled.append(run_id)
        self.ids.remove(run_id)
        return True


def test_a_killed_run_is_given_back_when_its_worker_has_let_go_of_it() -> None:
    now = [0.0]
    api = CrashedRuns(["first"])
    rescuer = Rescuer(api, "here", lambda _: True, 120.0, lambda: now[0], settle=60.0)
    for moment, more, given_back in (
        (0, [], []),
        (30, ["second"], []),
        (60, [], ["first"]),
        (89, [], ["first"]),
    ):
        now[0] = moment
        api.ids += more
        rescuer.look()
        assert api.scheduled == given_back
    now[0] = 90.0
    assert rescuer.look() == ["second"]


NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def history(*states: tuple[str, str], first_minutes_ago: int = 30) -> list[Json]:
    """States of a run, a minute apart, the newest first as a server may give them."""
    begin = NOW - timedelta(minutes=first_minutes_ago)
    return [
        {"type": kind, "message": message, "timestamp": (begin + timedelta(minutes=minute)).isoformat()}
        for minute, (kind, message) in enumerate(states)
    ][::-1]


RESCUED = [("RUNNING", ""), ("CRASHED", KILLED), ("SCHEDULED", f"{AGAIN} its process was gone.")]
LATE_REPORT = [("CRASHED", KILLED), ("SCHEDULED", f"{STILL} …")]


def test_a_run_whose_rescue_was_undone_by_a_late_report_of_the_first_crash_still_runs() -> None:
    reason = reason_to_run(history(*RESCUED, ("PENDING", ""), ("CRASHED", KILLED)), NOW)
    assert reason is not None
    assert reason.startswith(STILL)


def test_a_run_that_is_killed_again_after_its_rescue_stays_crashed() -> None:
    assert reason_to_run(history(*RESCUED, ("RUNNING", ""), ("CRASHED", KILLED)), NOW) is None


def test_late_reports_are_believed_a_few_times_only() -> None:
    assert reason_to_run(history(*RESCUED, *LATE_REPORT * LATE_REPORTS, ("CRASHED", KILLED)), NOW) is None
    assert reason_to_run(history(*RESCUED, *LATE_REPORT, ("CRASHED", KILLED)), NOW) is not None


def test_a_rescue_of_hours_ago_does_not_count() -> None:
    reason = reason_to_run(history(*RESCUED, ("CRASHED", KILLED), first_minutes_ago=180), NOW)
    assert reason is not None
    assert reason.startswith(AGAIN)
