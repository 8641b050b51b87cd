import io
import threading
import time
from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.settings import StackSettings
from deployments.local.stack.starting import Starter
from deployments.local.stack.supervisor import Supervisor
from deployments.prefect_api import PrefectApi
from deployments.waiting import Abandoned


class Beside(Starter):
    """A starter whose service starts when it is told to, or never."""

    def __init__(self, settings: StackSettings) -> None:
        out = Progress(out=io.StringIO(), clock=time.monotonic, began=0.0)
        super().__init__(settings, Supervisor(settings), PrefectApi(settings.prefect_api_url), out)
        self.serves = threading.Event()
        self.refuses = False

    def _serving(self) -> None:
        if self.refuses:
            raise StackError("serving did not start.")
        while not self.serves.is_set():
            if self._abandoned.wait(0.01):
                raise Abandoned

    def _automations(self) -> None:
        return

    def _rescuer(self) -> None:
        return


@pytest.fixture
def starter(tmp_path: Path) -> Beside:
    return Beside(StackSettings(state=tmp_path))


def test_the_service_starts_beside_the_training(starter: Beside) -> None:
    with starter.meanwhile():
        starter.serves.set()  # a start before the body would wait for ever


def test_a_training_that_fails_gives_the_service_up_and_keeps_its_reason(starter: Beside) -> None:
    with pytest.raises(StackError, match="The training ended as Failed"), starter.meanwhile():
        raise StackError("The training ended as Failed")


def test_a_service_that_does_not_start_is_reported_after_the_training(starter: Beside) -> None:
    starter.refuses = True
    trained = []
    with pytest.raises(StackError, match="serving did not start"), starter.meanwhile():
        trained.append(True)
    assert trained
