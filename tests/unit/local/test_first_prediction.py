import shlex
import shutil
from pathlib import Path

import pytest

from deployments.local.first_prediction import request_command
from deployments.local.settings import StackSettings


@pytest.mark.parametrize("curl", ["/usr/bin/curl", None])
def test_the_printed_request_needs_only_what_is_there(
    monkeypatch: pytest.MonkeyPatch, curl: str | None
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: curl)
    command = request_command(StackSettings(state=Path("/srv/wine"), serving_port=7861))
    words = shlex.split(command)
    assert (words[0] == "curl") is (curl is not None)
    assert "http://127.0.0.1:7861/predict" in command
    assert "\n" not in command
