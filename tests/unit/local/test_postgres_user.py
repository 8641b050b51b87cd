import os
import pwd
import shutil
from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack import postgres, postgres_user

ACCOUNTS = [
    pwd.struct_passwd((name, "x", uid, uid, "", "/", "/bin/sh"))
    for name, uid in (("root", 0), ("nobody", 65534), ("daemon", 1), ("wine", 1000))
]


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def by_number(uid: int) -> pwd.struct_passwd:
        return next(each for each in ACCOUNTS if each.pw_uid == uid) if uid in (0, 1, 1000) else {}[uid]

    monkeypatch.setattr(pwd, "getpwall", lambda: ACCOUNTS)
    monkeypatch.setattr(pwd, "getpwuid", by_number)
    return monkeypatch


def test_an_ordinary_user_runs_it_under_the_own_name(accounts: pytest.MonkeyPatch) -> None:
    accounts.setattr(os, "geteuid", lambda: 1000)
    assert postgres_user.command_prefix() == []
    assert postgres_user.name() == "wine"


@pytest.mark.parametrize("uid", [0, 4711])
def test_root_and_the_nameless_run_it_under_a_name_that_is_nobodys_default(
    accounts: pytest.MonkeyPatch, uid: int
) -> None:
    accounts.setattr(os, "geteuid", lambda: uid)
    accounts.setattr(shutil, "which", lambda _: "/usr/bin/unshare")
    assert "--map-user=1" in postgres_user.command_prefix()
    assert postgres_user.name() == "daemon"


def test_where_root_cannot_do_that_it_is_told_what_to_do(accounts: pytest.MonkeyPatch) -> None:
    accounts.setattr(os, "geteuid", lambda: 0)
    accounts.setattr(shutil, "which", lambda _: None)
    with pytest.raises(StackError, match="Run make up as an ordinary user"):
        postgres_user.require_usable(Path("/bin/true"))


def test_a_failed_initdb_says_its_own_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bin"
    broken.mkdir()
    for name in ("initdb", "postgres"):
        (broken / name).write_text('#!/bin/sh\n[ "$1" = --version ] || { echo "odd locale" >&2; exit 1; }\n')
        (broken / name).chmod(0o755)
    monkeypatch.setattr(postgres, "binaries", lambda: broken)
    with pytest.raises(StackError, match="odd locale") as raised:
        postgres.prepare(StackSettings(state=tmp_path / "state"))
    assert "disk" not in str(raised.value)
