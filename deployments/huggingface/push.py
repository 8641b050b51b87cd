"""`python -m deployments.huggingface.push`: deploy the service to its Space, or leave it as it was.

Needs HF_TOKEN (write access to the Space) and HF_SPACE (owner/space); SMOKE_API_KEY where the service
asks for keys. The Space's files are replaced, then the script waits until /health answers with this
release, and asks for a price. While another release is being built, or predictions wait in the outbox (a
rebuild would lose them), it waits. If the build fails, time runs out or no price comes, the files of before
are put back, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from deployments.huggingface.space import Space, files_of_release

PROJECT: Final = Path(__file__).resolve().parents[2]
SPACE_NAME: Final = re.compile(r"[\w.-]+/[\w.-]+")


class NotDeployed(Exception):
    """The release does not answer. The message says what the Space runs now."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a release, in seconds, and how; whether predictions in the outbox may be lost."""

    deadline: float = 1200
    interval: float = 5
    lose_outbox: bool = False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def deploy(
    space: Space, files: Mapping[str, bytes], release: str, patience: Patience, *, api_key: str | None = None
) -> str:
    """Put `files` on the Space, wait for `release` to answer and ask it for a price; return the commit.

    Raises `NotDeployed` after putting the former files back.
    """
    before = take_turn(space, patience)
    kept = space.files(before)
    served_before = space.release()
    commit = space.replace(files, message=f"Deploy {release}", parent=before)
    problem = wait_for(space, release, patience) or space.smoke(api_key)
    if problem is None:
        return commit
    space.replace(kept, message=f"Put back what was before {release}: {problem}", parent=commit)
    if served_before is None:
        raise NotDeployed(f"{release} does not answer ({problem}). The files of before are back.")
    again = wait_for(space, served_before, patience)
    state = (
        f"{served_before} answers again" if again is None else f"{served_before} does not answer ({again})"
    )
    raise NotDeployed(f"{release} does not answer ({problem}). Rolled back: {state}. See the Space's logs.")


def take_turn(space: Space, patience: Patience) -> str:
    """The commit to build on, once nobody else's is being built and nothing waits in the outbox.

    The disk of a Space is gone with a rebuild, and with it predictions that an outage kept from the
    database. Raises NotDeployed when that does not come about.
    """
    end = patience.clock() + patience.deadline
    while True:
        head, busy, rows = space.head(), space.busy(), space.waiting_rows()
        if not busy and (not rows or patience.lose_outbox):
            return head
        if patience.clock() >= end:
            reason = (
                "Another deploy is still being built." if busy else
                f"{rows:,} predictions wait in the outbox, and a rebuild would lose them: mend the database "
                "(/health says what is wrong with it), or deploy with --lose-outbox."
            )  # fmt: skip
            raise NotDeployed(f"Nothing was changed. {reason}")
        patience.sleep(patience.interval)


def wait_for(space: Space, release: str, patience: Patience) -> str | None:
    """None once /health answers with `release`; else what went wrong."""
    end = patience.clock() + patience.deadline
    while space.release() != release:
        if stage := space.broken():
            return stage
        if patience.clock() >= end:
            return f"not within {patience.deadline:.0f} s"
        patience.sleep(patience.interval)
    return None


def space_from_env(env: Mapping[str, str]) -> Space:
    """The Space that HF_SPACE names. Raises ValueError saying which variable is wrong."""
    name, token = env.get("HF_SPACE", ""), env.get("HF_TOKEN", "")
    if not SPACE_NAME.fullmatch(name):
        raise ValueError(f"HF_SPACE must be owner/space, not {name!r}. Example: HF_SPACE=my-team/wine-price")
    if not token or "<" in token:
        raise ValueError("HF_TOKEN is not set: make a token with write access to the Space on the Hub")
    url = env.get("HF_SPACE_URL") or f"https://{re.sub('[/._]', '-', name).lower()}.hf.space"
    api = HfApi(endpoint=env.get("HF_ENDPOINT") or None, token=token)
    return Space(name, url.rstrip("/"), api, private=bool(api.space_info(name).private))


def commit_of(project: Path) -> str:
    """The commit that is deployed, with `-dirty` where the tree differs from it."""
    done = subprocess.run(  # fixed arguments
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],  # noqa: S607
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.huggingface.push", description=__doc__)
    parser.add_argument("--release", help="name of the release (default: the Git commit)")
    parser.add_argument("--deadline", type=float, default=1200, help="seconds to wait (default 1200)")
    parser.add_argument("--lose-outbox", action="store_true", help="deploy though predictions wait there")
    options = parser.parse_args(arguments)
    try:
        space = space_from_env(os.environ)
        release = options.release or commit_of(PROJECT)
        patience = Patience(options.deadline, min(5, options.deadline / 10), options.lose_outbox)
        files, key = files_of_release(PROJECT, release), os.environ.get("SMOKE_API_KEY")
        commit = deploy(space, files, release, patience, api_key=key)
    except (ValueError, LookupError, NotDeployed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except HfHubHTTPError as error:
        sys.stderr.write(f"The Hub refused: {error}\nDoes HF_TOKEN have write access to HF_SPACE?\n")
        return 1
    sys.stdout.write(f"{space.url} answers with {release} (commit {commit[:12]} of the Space)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
