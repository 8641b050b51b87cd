"""Each command of docs/operations.md is run by a test, here or in tests/drills/host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving.access.api_keys import ApiKeys
from tests.integration.host import operations
from tests.integration.host.operations import PAGE, PROJECT, commands, on_page, run_by_tests
from tests.integration.huggingface.hub import TOKEN, running


def test_every_command_of_the_page_is_run_by_a_test() -> None:
    assert commands(PAGE.read_text()) == run_by_tests().keys()


def test_new_command_on_the_page_is_noticed() -> None:
    page = (
        PAGE.read_text()
        + "\nTo mend it, `sudo wine-run deployments.mend --all`, or\n\n```sh\nmend it # now\n```\n"
    )
    assert commands(page) - run_by_tests().keys() == {"sudo wine-run deployments.mend --all", "mend it"}


def test_command_that_is_not_on_the_page_is_refused() -> None:
    with pytest.raises(LookupError, match="does not say: rm"):
        operations.on_page("rm -rf /")


def here(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the page as on a laptop, in a checkout whose .venv is this one."""
    command = command.replace(".venv/bin/python", sys.executable)
    return subprocess.run(
        ["sh", "-c", command],
        cwd=PROJECT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_service_is_deployed_by_hand(tmp_path: Path) -> None:
    with running() as hub:
        done = here(
            on_page(".venv/bin/python -m deployments.huggingface.push"),
            HF_SPACE="team/wine", HF_TOKEN=TOKEN, HF_ENDPOINT=hub.url, HF_SPACE_URL=hub.url,
            HF_HOME=str(tmp_path), HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_XET="1",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert hub.release is not None
        assert f"answers with {hub.release}" in done.stdout


def test_key_of_the_service_is_made() -> None:
    done = here(on_page(".venv/bin/python -m serving.access.new_key shop"))
    assert done.returncode == 0, done.stderr
    key, entry = re.findall(r"^  (\S+)$", done.stdout, re.MULTILINE)
    assert ApiKeys.parse(entry).holder({b"x-api-key": key.encode()}) == "shop"
