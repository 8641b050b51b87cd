"""A bare Debian in a container of its own: systemd as process 1, its own network behind a bridge.

    outsider ──┐
               ├── bridge (this host masquerades it, so that packages can be fetched)
    the host ──┘

Everything made is removed again.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.pace import patience

NAME = "winehost"
BRIDGE, TABLE, OUTSIDER = "winebr0", "wine_drill", "wineout"
GATEWAY, HOST_IP, OUTSIDER_IP = "10.77.7.1", "10.77.7.10", "10.77.7.66"
BARE = "systemd,systemd-sysv,dbus,iproute2,sudo"
"""What a cloud image has in any case; everything else is for the install script to bring."""

Done = subprocess.CompletedProcess[str]


def run(*command: str | Path, check: bool = True, timeout: float = 60) -> Done:
    """Run a command; `timeout` is for a quiet machine."""
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        timeout=patience(timeout),
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done


def debootstrap(root: Path) -> None:
    """A minimal Debian 12 in `root`."""
    run("debootstrap", "--variant=minbase", f"--include={BARE}", "bookworm", root,
        "http://deb.debian.org/debian", timeout=400)  # fmt: skip


@contextmanager
def network() -> Iterator[None]:
    """The bridge, the outsider's namespace on it, and the way out for packages."""
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    before = forward.read_text()
    try:
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        forward.write_text("1")
        run("nft", "add", "table", "ip", TABLE)
        run("nft", "add", "chain", "ip", TABLE, "out", "{ type nat hook postrouting priority 100; }")
        run("nft", "add", "rule", "ip", TABLE, "out", "ip", "saddr", "10.77.7.0/24", "masquerade")
        _let_through("-I")
        _outsider()
        yield
    finally:
        forward.write_text(before)
        _let_through("-D")
        run("nft", "delete", "table", "ip", TABLE, check=False)
        run("ip", "netns", "del", OUTSIDER, check=False)
        run("ip", "link", "del", BRIDGE, check=False)


def _let_through(how: str) -> None:
    """Docker, where it runs, drops what others forward."""
    if shutil.which("iptables"):
        for side in ("-i", "-o"):
            run("iptables", how, "FORWARD", side, BRIDGE, "-j", "ACCEPT", check=False)


def _outsider() -> None:
    run("ip", "netns", "add", OUTSIDER)
    run("ip", "link", "add", "wineout0", "type", "veth", "peer", "name", "eth0", "netns", OUTSIDER)
    run("ip", "link", "set", "wineout0", "master", BRIDGE, "up")
    run("ip", "-n", OUTSIDER, "addr", "add", f"{OUTSIDER_IP}/24", "dev", "eth0")
    run("ip", "-n", OUTSIDER, "link", "set", "eth0", "up")
    run("ip", "-n", OUTSIDER, "link", "set", "lo", "up")


@dataclass
class Machine:
    """A root folder that boots; `binds` are read-write mounts, outside → inside."""

    root: Path
    log: Path
    binds: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def boot(self) -> None:
        command = [
            "systemd-nspawn", "--quiet", "--boot", "--directory", str(self.root), "--machine", NAME,
            "--register=no", "--keep-unit", "--timezone=off",
            f"--network-bridge={BRIDGE}", "--resolv-conf=copy-host",
            *(f"--bind={bind}" for bind in self.binds),
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait_for("systemctl is-system-running --wait || true", 60)
        self.sh(
            f"ip addr add {HOST_IP}/24 dev host0; ip link set host0 up; ip route add default via {GATEWAY}"
        )

    def power_off(self) -> None:
        """As if the plug were pulled: every process of the machine dies at once."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(self.leader, 9)
        self._process.wait(timeout=60)
        self._process = None

    @property
    def leader(self) -> int:
        """Process id, outside, of the machine's process 1."""
        assert self._process is not None
        below = [
            grandchild for child in _children(self._process.pid) for grandchild in (child, *_children(child))
        ]
        for pid in below:
            if Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
        raise FileNotFoundError("the machine has no process 1 yet")

    def sh(self, script: str, *, check: bool = True, timeout: float = 120) -> Done:
        """Run a shell script as root inside."""
        return run("nsenter", "--target", str(self.leader), "--all", "--wdns=/", "env", "-i",
                   "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                   *self.certificates, "sh", "-c", script, check=check, timeout=timeout)  # fmt: skip

    @property
    def certificates(self) -> list[str]:
        """Variables that lead to the certificates of the way out, where the network has some of its own."""
        if not (self.root / "usr/local/share/ca-certificates").is_dir():
            return []
        bundle = "/etc/ssl/certs/ca-certificates.crt"
        return [f"{name}={bundle}" for name in ("SSL_CERT_FILE", "PIP_CERT", "CURL_CA_BUNDLE")]

    def _wait_for(self, script: str, seconds: float) -> None:
        end = time.monotonic() + patience(seconds)
        while True:
            try:
                self.sh(script, timeout=seconds)
            except (FileNotFoundError, AssertionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)  # process 1 is not there yet
            else:
                return


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def copy_tree(project: Path, target: Path) -> None:
    """What a release archive of the project holds."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    script = (project / "deployments/ec2/install.sh").read_text()
    names = re.findall(r"^RELEASE_PATHS=\(([^)]*)\)", script, re.MULTILINE)[0].split()
    present = [name for name in names if (project / name).exists()]
    archive = subprocess.run(
        ["tar", "-C", str(project), "-c", "--exclude", "__pycache__", *present],
        check=True,
        capture_output=True,
    )
    subprocess.run(["tar", "-C", str(target), "-x"], input=archive.stdout, check=True)
