import os
import stat
from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from deployments.local.stack.state_folder import MAX_SOCKET_PATH, make_private, make_sockets, remove_sockets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A state folder whose path is too long for a socket."""
    folder = tmp_path / ("x" * 120) / "state"
    make_private(folder)
    return folder


@pytest.mark.parametrize("before", [0o777, 0o755, None])
def test_the_state_is_closed_to_others(tmp_path: Path, before: int | None) -> None:
    folder = tmp_path / "state"
    if before is not None:
        folder.mkdir()
        folder.chmod(before)
    parent = mode(tmp_path)
    make_private(folder)
    assert mode(folder) == 0o700
    assert mode(tmp_path) == parent


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StackError, match="belongs to another user"):
        make_private(tmp_path)
    assert mode(tmp_path) == 0o755


def test_sockets_stay_inside_the_state_folder_while_their_path_fits(tmp_path: Path) -> None:
    make_sockets(tmp_path)
    assert StackSettings(state=tmp_path).sockets == tmp_path / "run"
    assert mode(tmp_path / "run") == 0o700


def test_a_deep_folder_gets_a_short_socket_folder_that_stays_the_same(deep: Path) -> None:
    make_sockets(deep)
    sockets = StackSettings(state=deep).sockets
    assert len(str(sockets)) < MAX_SOCKET_PATH
    assert mode(sockets) == 0o700
    make_sockets(deep)
    assert StackSettings(state=deep).sockets == sockets
    remove_sockets(deep)
    assert not sockets.exists()


def test_a_short_folder_that_others_may_write_is_not_used(deep: Path) -> None:
    make_sockets(deep)
    taken_over = StackSettings(state=deep).sockets
    taken_over.chmod(0o777)
    make_sockets(deep)
    assert StackSettings(state=deep).sockets != taken_over
    taken_over.rmdir()
    remove_sockets(deep)


def test_nothing_is_removed_through_a_link_to_a_shared_folder(deep: Path, tmp_path: Path) -> None:
    victim = tmp_path / "shared"
    victim.mkdir()
    victim.chmod(0o777)
    (deep / "run").symlink_to(victim)
    remove_sockets(deep)
    assert victim.exists()
