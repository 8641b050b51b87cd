"""The salt of the names of clients."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving.access.client_salt import FILE_NAME, client_salt


def test_a_given_salt_is_taken_as_it_is(tmp_path: Path) -> None:
    assert client_salt("abc", tmp_path) == b"abc"
    assert not list(tmp_path.iterdir())


def test_a_salt_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first = client_salt("", tmp_path / "state")
    assert client_salt("", tmp_path / "state") == first
    assert len(first) == 32
    assert [path.name for path in (tmp_path / "state").iterdir()] == [FILE_NAME]
    assert (tmp_path / "state" / FILE_NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("left", [b"", b"\n", b"ab12", b"\0" * 3])
def test_what_a_crash_left_of_one_is_made_anew(tmp_path: Path, left: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(left)
    made = client_salt("", tmp_path)
    assert len(made) == 32
    assert client_salt("", tmp_path) == made


def test_a_crash_while_it_is_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", crash)
        with pytest.raises(KeyboardInterrupt):
            client_salt("", tmp_path)
    assert not (tmp_path / FILE_NAME).exists()
    assert len(client_salt("", tmp_path)) == 32


def test_services_that_start_together_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as one:
        salts = {one.submit(client_salt, "", tmp_path).result() for _ in range(2)} | {
            client_salt("", tmp_path)
        }
    assert len(salts) == 1


def test_a_disk_that_takes_none_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    salts = {client_salt("", tmp_path / "file" / "state") for _ in range(2)}
    assert len(salts) == 2, "random ones, which nobody can guess"
