"""remote.sh over a real SSH server: the tree that arrives, the outcome that comes back, the host key."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pace import patience
from tests.ports import free_port
from tests.programs import program, require

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "deployments/ec2/remote.sh"
SUDO = """#!/bin/sh
[ "$1" = -u ] && shift 2
exec "$@"
"""
WINE_RUN = """#!/bin/sh
# stands for the host's command: writes the report that it was asked for, then fails as it was told to
echo "ran $*"
echo '<testsuite/>' > "$3/outcome.xml"
case "$*" in *drift*) exit 1 ;; esac
"""


def keygen(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An SSH server of our own and the environment that leads to it."""
    require("openssh-server", "openssh-client")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's sshd locks up its child without rights
    host_key, our_key = keygen(tmp_path / "host"), keygen(tmp_path / "ours")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in (("sudo", SUDO), ("wine-run", WINE_RUN)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    (tmp_path / "authorized").write_text(our_key + "\n")
    port = free_port()
    (tmp_path / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path}/authorized\nStrictModes no\nPasswordAuthentication no\n"
        f"SetEnv PATH={tools}:/usr/bin:/bin\nPermitRootLogin prohibit-password\n"
    )
    server = subprocess.Popen(
        [str(program("sshd")), "-D", "-f", tmp_path / "config", "-E", tmp_path / "sshd.log"]
    )
    wait_for(port)
    yield {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "EC2_HOST": "127.0.0.1",
        "EC2_HOST_KEY": f"[127.0.0.1]:{port} {host_key}",
        "EC2_SSH_PRIVATE_KEY": (tmp_path / "ours").read_text(),
        "EC2_USER": getpass.getuser(),
        "EC2_PORT": str(port),
    }
    server.terminate()
    server.wait()


def wait_for(port: int) -> None:
    end = time.monotonic() + patience(10)
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("sshd did not start")


def remote(host: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *arguments], env=host, capture_output=True, text=True, check=False, cwd="/"
    )


def test_outcome_and_reports_of_a_run_come_back(host: dict[str, str], tmp_path: Path) -> None:
    good = remote(host, "run", tmp_path / "reports", "train/wine-train", "--key", "train-1 'quoted'")
    assert good.returncode == 0, good.stderr
    assert "train/wine-train --key train-1 'quoted'" in good.stdout
    assert (tmp_path / "reports/outcome.xml").read_text() == "<testsuite/>\n"
    bad = remote(host, "run", tmp_path / "other", "drift/wine-drift")
    assert bad.returncode == 1
    assert (tmp_path / "other/outcome.xml").exists()  # the report matters most when it failed


def test_host_with_another_key_gets_nothing(host: dict[str, str], tmp_path: Path) -> None:
    stranger = keygen(tmp_path / "stranger")
    port = host["EC2_PORT"]
    done = remote(
        host | {"EC2_HOST_KEY": f"[127.0.0.1]:{port} {stranger}"}, "run", tmp_path, "train/wine-train"
    )
    assert done.returncode != 0
    assert "HOST IDENTIFICATION HAS CHANGED" in done.stderr
    assert "ran" not in done.stdout


FLOCK = """#!/bin/sh
# stands for the host's lock, and for the folder that releases lie in
echo "alone $2"
shift 2
exec "$@"
"""


def test_commit_and_its_run_are_one_errand_that_nobody_comes_between(
    host: dict[str, str], tmp_path: Path
) -> None:
    """The tree goes to a folder of its own; the swap, the install and the run happen under one lock."""
    tools, log = tmp_path / "bin", tmp_path / "log"
    (tools / "flock").write_text(FLOCK)
    (tools / "sh").symlink_to("/bin/sh")
    (tools / "mktemp").write_text(f'#!/bin/sh\nd={tmp_path}/sent.$$; mkdir "$d"; echo "$d"\n')
    (tools / "mv").write_text(
        f'#!/bin/sh\ntest -e "$1/prefect.yaml" && echo "swapped in" >> {log}; rm -rf "$1"\n'
    )
    (tools / "rm").write_text('#!/bin/sh\ncase "$2" in /srv/*) exit 0 ;; esac\nexec /bin/rm "$@"\n')
    for name in ("flock", "mktemp", "mv", "rm"):
        (tools / name).chmod(0o755)
    done = remote(host, "release", tmp_path / "reports", "drift/wine-drift")
    assert log.read_text() == "swapped in\n"
    assert "alone /run/lock/wine-deploy" in done.stdout
    # there is no install script where no tree was moved to, so the run is never begun
    assert "/srv/wine/deployments/ec2/install.sh" in done.stderr
    assert "ran" not in done.stdout
    assert done.returncode != 0


@pytest.mark.parametrize("name", ["EC2_HOST", "EC2_HOST_KEY"])
def test_missing_setting_is_named(host: dict[str, str], name: str) -> None:
    done = remote({key: value for key, value in host.items() if key != name}, "install")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{name} is not set")


def test_private_key_does_not_stay_behind(host: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "scratch"
    folder.mkdir()
    remote(host | {"TMPDIR": str(folder)}, "run", tmp_path / "reports", "train/wine-train")
    assert not list(folder.glob("**/identity"))
