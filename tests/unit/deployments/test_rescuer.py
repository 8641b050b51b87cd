"""When the rescuer gives a run back: not while its worker may still hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from deployments.prefect_api import Json, PrefectApi
from deployments.rescue.rescuer import Rescuer

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
