"""As whom PostgreSQL runs. It refuses root, and a user without a name.

Both run it in a user namespace of its own, in which the caller has the number and the name of another
account. Outside nothing changes: the files belong to the caller, nobody else may read them, and no folder is
opened to anybody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deployments.local.errors import StackError

NOBODY: Final = 65534
"""What the kernel shows of every account that a namespace does not know: never a name to trust."""


def command_prefix() -> list[str]:
    """What stands before the command line of a PostgreSQL program."""
    if _own_name() is not None:
        return []
    account = _borrowed()
    return ["unshare", "--user", f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}", "--"]


def name() -> str:
    """The caller's name in the eyes of the server."""
    return _own_name() or _borrowed().pw_name


def require_usable(program: Path) -> str:
    """What `program --version` says. Raises StackError where the caller cannot run it."""
    prefix = command_prefix()
    done = subprocess.run([*prefix, str(program), "--version"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    if prefix:
        raise _refused(done.stderr.strip())
    raise StackError(
        f"PostgreSQL cannot be run ({done.stderr.strip()}). Make the environment again: rm -r .venv; make up"
    )


def _refused(reason: str) -> StackError:
    who = "root" if os.geteuid() == 0 else f"user {os.geteuid()}, who has no name here,"
    return StackError(
        f"PostgreSQL cannot be run by {who} on this machine ({reason}). "
        "Run make up as an ordinary user, in a clone of that user's own."
    )


def _own_name() -> str | None:
    """None for root and for a number without an account."""
    if os.geteuid() == 0:
        return None
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return None


def _borrowed() -> pwd.struct_passwd:
    if shutil.which("unshare") is None:
        raise _refused("the program unshare is missing")
    accounts = [each for each in pwd.getpwall() if each.pw_uid not in (0, NOBODY, os.geteuid())]
    if not accounts:
        raise _refused("there is no account whose name it could take")
    return min(accounts, key=lambda account: account.pw_uid)
