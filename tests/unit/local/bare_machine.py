"""A machine with nothing but the project's script and stand-ins for the programs that it finds."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.pace import patience

SCRIPT = Path("deployments/local/environment.sh")
BASICS = (
    "sh", "cat", "chmod", "cp", "dirname", "find", "id", "mkdir", "mv", "rm", "sleep", "touch", "uname"
)  # fmt: skip
PYTHON = """#!/bin/sh
case $1 in
  --version) echo "Python {version}" ;;
  -m) mkdir -p "$3/bin"; printf '#!/bin/sh\\nexit {pip}\\n' >"$3/bin/pip"; chmod +x "$3/bin/pip"
      [ {pip} != 0 ] || {{ cat "$(dirname "$0")/later-uv" >"$3/bin/uv"; chmod +x "$3/bin/uv"; }} ;;
  *) exec {real} -c 'import sys
code, sys.version_info, sys.executable = sys.argv[1], {numbers}, "{name}"
if {bare} and "ensurepip" in code: sys.exit(1)
exec(code)' "$2" ;;
esac
"""
UV = """#!/bin/sh
case "$1 ${{2:-}}" in
  "--version "*) echo "uv {version}" ;;
  "python find") [ -n "{found}" ] && echo "{found}" ;;
  "python install") echo "error: no connection" >&2; exit 2 ;;
  *) echo "$*" >>"{calls}"; echo "$UV_CACHE_DIR" >>"{calls}"; {then} ;;
esac
"""


@dataclass
class Machine:
    """A folder with the project's script and the only programs that it finds."""

    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.programs), "HOME": str(self.folder)}

    def has(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def has_python(self, name: str, version: str, *, bare: bool = False, pip: int = 0) -> None:
        numbers = tuple(int(number) for number in version.split("."))
        made = {"version": version, "numbers": numbers, "name": name, "bare": bare, "pip": pip}
        self.has(name, PYTHON.format(real=sys.executable, **made))

    def has_uv(
        self, version: str = "0.13.9", *, name: str = "uv", found: str = "", then: str = "exit 0"
    ) -> None:
        self.has(name, UV.format(version=version, found=found, calls=self.folder / "calls", then=then))

    def run(self, what: str = "local", **variables: str) -> subprocess.CompletedProcess[str]:
        command = [self.folder / SCRIPT, what]
        env = self.environment | variables
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, timeout=patience(30)
        )

    @property
    def synced(self) -> str:
        """What uv was told to install, "" for nothing."""
        calls = self.folder / "calls"
        return calls.read_text() if calls.exists() else ""
