"""Somebody on the network, in a namespace of their own: what they reach, what they are told."""

from __future__ import annotations

from tests.drills.host.machine import HOST_IP, OUTSIDER, run

SCAN = """
import resource, socket, time
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
def is_open(tried):
    try:
        return bool(tried.getpeername())
    except OSError:
        return False
for start in range(1, 65536, 4000):
    tried = dict()
    for port in range(start, min(start + 4000, 65536)):
        tried[port] = socket.socket(socket.{family})
        tried[port].setblocking(False)
        tried[port].connect_ex({address})
    time.sleep(1.5)  # a port that is closed to us says nothing, so there is nothing to wait for
    print(*(port for port, each in tried.items() if is_open(each)))
"""


def as_outsider(*command: str, timeout: float = 60, check: bool = True) -> str:
    done = run("ip", "netns", "exec", OUTSIDER, *command, timeout=timeout, check=check)
    return done.stdout + ("" if check else done.stderr)


def open_ports() -> set[int]:
    """Every TCP port of the host that an outsider can connect to."""
    return _scan("AF_INET", f"('{HOST_IP}', port)")


def open_ports_by_link(link_local: str) -> set[int]:
    """The same by IPv6, which a neighbour on the network has without any configuration."""
    return _scan("AF_INET6", f"('{link_local}', port, 0, socket.if_nametoindex('eth0'))")


def _scan(family: str, address: str) -> set[int]:
    text = as_outsider("python3", "-c", SCAN.format(family=family, address=address), timeout=300)
    return set(map(int, text.split()))


def ask(host: str, path: str, *options: str) -> str:
    """Status that an outsider gets from `host`.wine.test; 000 where no connection came about."""
    return as_outsider(*_curl(host, path), "--write-out", "%{http_code}", "--output", "/dev/null", *options)


def read(host: str, path: str, *options: str) -> str:
    """What an outsider gets to read."""
    return as_outsider(*_curl(host, path), *options)


def seconds(path: str, body: str, user: str) -> float:
    """Time until somebody with the credential of Prefect has the answer, through the proxy."""
    sent = ["-d", body, "-H", "Content-Type: application/json"] if body else []
    return float(
        as_outsider(*_curl("prefect", path), "--fail", "--output", "/dev/null",
                    "--write-out", "%{time_total}", "-u", user, *sent)
    )  # fmt: skip


def ways_in_by_ssh() -> str:
    """The kinds of credential that the host's SSH server asks for."""
    said = as_outsider(
        "ssh", "-v", "-o", "BatchMode=yes", "-o", "PreferredAuthentications=none",
        "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        f"root@{HOST_IP}", check=False,
    )  # fmt: skip
    offered = [line for line in said.splitlines() if "Authentications that can continue: " in line]
    assert offered, said
    return offered[0].rpartition(": ")[2]


def _curl(host: str, path: str) -> list[str]:
    return [
        "curl", "--http1.1", "--silent", "--show-error", "--insecure", "--max-time", "30",
        "--resolve", f"{host}.wine.test:443:{HOST_IP}", f"https://{host}.wine.test{path}",
    ]  # fmt: skip
