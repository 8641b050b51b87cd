"""Load on one address: wrk where it is installed, else a generator in Python, slower than its subject."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

PATH = "/predict"
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
_LUA = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  at = at %% #bodies + 1
  return wrk.format(nil, nil, nil, bodies[at])
end
"""


@dataclass(frozen=True)
class Load:
    """What is asked of whom: a file of bodies, one a line, and the core that asks (None: any)."""

    port: int
    path: str
    bodies: Path
    core: int | None


@dataclass(frozen=True)
class Measured:
    """Answers a second and latencies (ms) at one concurrency."""

    rate: float
    p50: float
    p99: float
    failed: int


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "Python"


def measured(load: Load, *, connections: int, seconds: float) -> Measured:
    """`connections` clients, each asking one body of the file after the other, for some seconds."""
    if generator() == "wrk":
        return _wrk(load, connections, seconds)
    return asyncio.run(_python(load, connections, seconds))


def _wrk(load: Load, connections: int, seconds: float) -> Measured:
    script = load.bodies.with_suffix(".lua")
    script.write_text(_LUA % load.bodies)
    pin = ["taskset", "-c", str(load.core)] if load.core is not None else []
    command = [*pin, "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", "-s", str(script)]
    address = f"http://127.0.0.1:{load.port}{load.path}"
    done = subprocess.run([*command, address], capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    return Measured(
        rate=float(re.findall(r"Requests/sec:\s+([\d.]+)", done)[0]),
        p50=_milliseconds(done, "50%"),
        p99=_milliseconds(done, "99%"),
        failed=int(failed[1]) if failed else 0,
    )


def _milliseconds(text: str, percentile: str) -> float:
    value, unit = re.findall(rf"{percentile}\s+([\d.]+)(us|ms|s)", text)[0]
    return float(value) * _UNITS[unit]


async def _python(load: Load, connections: int, seconds: float) -> Measured:
    bodies = load.bodies.read_bytes().splitlines()
    head = f"POST {load.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
    requests = cycle([head.encode() + f"{len(body)}\r\n\r\n".encode() + body for body in bodies])
    deadline = time.perf_counter() + seconds
    taken: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
        while (began := time.perf_counter()) < deadline:
            writer.write(next(requests))
            answer = await reader.readuntil(b"\r\n\r\n")
            found = re.search(rb"content-length: (\d+)", answer.lower())
            await reader.readexactly(int(found[1]) if found else 0)
            taken.append(time.perf_counter() - began)
            failed += not answer.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    taken.sort()
    return Measured(
        rate=len(taken) / seconds,
        p50=1e3 * taken[len(taken) // 2],
        p99=1e3 * taken[int(len(taken) * 0.99)],
        failed=failed,
    )
