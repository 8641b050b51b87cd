"""`make down`: every process of the stack ends, whatever state it is in."""

from __future__ import annotations

from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.settings import StackSettings
from deployments.local.stack import processes
from deployments.local.stack.supervisor import Supervisor


def down(settings: StackSettings, progress: Progress) -> None:
    """End the services in good order, then whatever of the stack is still alive.

    Raises StackError if a process survives even that.
    """
    if not processes.of_stack(settings.state):
        progress.say("Nothing was running.")
        return
    with progress.step("services stopped"):
        Supervisor(settings).stop()
        processes.end_all(settings.state)
    left = processes.of_stack(settings.state)
    if left:
        pids = " ".join(str(process.pid) for process in left)
        raise StackError(f"These processes did not end: {pids}. End them: kill -9 {pids}")
    progress.say(f"All processes have ended. Data, models and logs stay in {settings.state}.")
