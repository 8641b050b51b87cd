"""Which runs have lost their process, by the server's present state and never by events.

Events arrive late and in any order: a heartbeat may come after the end of its run. So a run is judged by
its state on the server at this moment, by its process where that is one of this host, and by silence only
where it is not. Every change is one that the server may refuse: what has ended in the meantime stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Final

from deployments.automations.names import ZOMBIE
from deployments.prefect_api import Json, PrefectApi

AGAIN: Final = "Run again:"
"""How the message of a rescue begins; it is found in the run's history."""
STILL: Final = "Still to run:"
"""How the message begins where a crash was reported that is that of the attempt before: a busy worker
reports the end of a process a second time, a minute later, and the server takes it for the next attempt's.
"""
LATE_REPORTS: Final = 3
"""So many crashes after a rescue are taken for late reports, if the run did not begin in between."""
RUNS_ON: Final = "Runs on: the crash that was reported is that of the attempt before."
"""The message where the late report came when the next attempt had begun: its process lives."""

ONCE_IN: Final = timedelta(hours=1)
"""A run is rescued once in this time, so that one that kills its host does not do so all day."""

LABEL: Final = "prefect.worker.name"
"""Set by the worker on each run that it takes."""

_KILLED: Final = re.compile(r"status code:? (?:-(?:4|6|7|9|11)|13[2-9])\b")
"""What a worker says of a process that ended on a signal nobody asked for (SIGKILL, SIGSEGV, …)."""
_LOOKS: Final = 2
"""A process has to be missing this many looks in a row: the worker that started it reports its end itself."""


@dataclass(slots=True)
class _Watched:
    """What was last seen of a running run: its newest sign of life, since when, looks without a process."""

    sign: str
    since: float
    missing: int = 0


@dataclass(slots=True)
class Rescuer:
    """Looks after the runs of a server.

    `worker` is the name of this host's worker, `alive` tells whether a process id is a flow's here;
    `silence` (seconds) is how long runs of other hosts may give no sign of life. `clock` is monotonic.
    `settle` (seconds) is how long a run stays crashed before it is run again: its worker, which reports the
    end, holds the run's place a while longer, and ends itself when it is given a run that it still holds.
    """

    api: PrefectApi
    worker: str
    alive: Callable[[int], bool]
    silence: float
    clock: Callable[[], float]
    settle: float = 0.0
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _crashed: dict[str, float] = field(default_factory=dict)

    def look(self) -> list[str]:
        """Rescue what is lost now; the names of the runs. Raises `PrefectError` when the server is away."""
        running = [run for run in self.api.runs_in_state("RUNNING") if run.get("deployment_id")]
        self._watched = {run["id"]: self._watched.get(run["id"]) or self._new(run) for run in running}
        lost = [run for run in running if self._is_lost(run) and self._mark(run)]
        killed = [run for run in self.api.runs_in_state("CRASHED", since=ONCE_IN) if was_killed(run)]
        settled = self._settled([*lost, *(run for run in killed if not self._runs_on(run))])
        return [str(run["name"]) for run in settled if self._run_again(run)]

    def clear(self) -> None:
        """Begin to count anew: while the server was away, no run could give a sign of life."""
        self._watched.clear()

    def _settled(self, crashed: list[Json]) -> list[Json]:
        """Those that have been seen crashed for `settle` seconds."""
        now = self.clock()
        self._crashed = {run["id"]: self._crashed.get(run["id"], now) for run in crashed}
        return [run for run in crashed if now - self._crashed[run["id"]] >= self.settle]

    def _new(self, run: Json) -> _Watched:
        # Events are asked for where they decide: on a busy server each question counts.
        return _Watched(sign="" if self._pid_here(run) else self._sign(run), since=self.clock())

    def _pid_here(self, run: Json) -> int | None:
        """The process id of a run that this host's worker took."""
        pid = str(run.get("infrastructure_pid") or "").rpartition(":")[2]
        here = (run.get("labels") or {}).get(LABEL) == self.worker
        return int(pid) if here and pid.isdigit() else None

    def _sign(self, run: Json) -> str:
        """The newest sign of life: the last event of the run, or its state."""
        return f"{run['state']['id']} {self.api.last_event(run['id'])}"

    def _is_lost(self, run: Json) -> bool:
        watched = self._watched[run["id"]]
        pid = self._pid_here(run)
        if pid is not None:
            watched.missing = 0 if self.alive(pid) else watched.missing + 1
            return watched.missing >= _LOOKS
        sign = self._sign(run)
        if sign != watched.sign:
            watched.sign, watched.since = sign, self.clock()
        return self.clock() - watched.since > self.silence

    def _mark(self, run: Json) -> bool:
        """Mark a run that is still the one that was judged; whether the server took it."""
        if self.api.run(run["id"])["state"]["id"] != run["state"]["id"]:
            return False
        message = "No sign of life: its process is gone."
        return self.api.propose_state(run["id"], "CRASHED", name=ZOMBIE, message=message)

    def _runs_on(self, run: Json) -> bool:
        """Whether a run that was reported as killed has a living process; it is put back to running, unless
        it has ended in the meantime.
        """
        pid = self._pid_here(run)
        if pid is None or not self.alive(pid):
            return False
        if self.api.run(run["id"])["state"]["id"] == run["state"]["id"]:
            self.api.propose_state(run["id"], "RUNNING", name="Running", message=RUNS_ON)
        return True

    def _run_again(self, run: Json) -> bool:
        if self.api.run(run["id"])["state_type"] != "CRASHED":
            return False
        message = reason_to_run(self.api.states_of(run["id"]), datetime.now(UTC))
        return message is not None and self.api.schedule_again(run["id"], message)


def reason_to_run(states: Sequence[Json], now: datetime) -> str | None:
    """Why a crashed run with this history is run again; None where that was done lately already."""
    moments = [(datetime.fromisoformat(state["timestamp"]), state) for state in states]
    lately = [state for at, state in sorted(moments, key=itemgetter(0)) if at > now - ONCE_IN]
    rescues = [place for place, state in enumerate(lately) if _says(state, AGAIN)]
    if not rescues:
        return f"{AGAIN} its process was gone."
    since = lately[rescues[-1] + 1 :]
    has_begun = any(state["type"] == "RUNNING" for state in since)
    if has_begun or sum(_says(state, STILL) for state in since) >= LATE_REPORTS:
        return None
    return f"{STILL} the crash that was reported is that of the attempt before."


def _says(state: Json, beginning: str) -> bool:
    return str(state.get("message") or "").startswith(beginning)


def was_killed(run: Json) -> bool:
    """Whether a crashed run's process was killed, as its worker reports it, or went silent."""
    state = run.get("state") or {}
    marked = state.get("name") == ZOMBIE
    return bool(run.get("deployment_id")) and (
        marked or _KILLED.search(state.get("message") or "") is not None
    )
