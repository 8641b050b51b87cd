"""A Space without the Hub: the image's files and settings, uid 1000, a disk read-only but for its home."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from deployments.huggingface.space import files_of_release
from tests.pace import patience
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[3]
SEALED = """
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 1
shift; exec setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that others may enter; those of pytest are the user's alone."""
    with tempfile.TemporaryDirectory(prefix="wine-space-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def released(folder: Path) -> Path:
    """Put there what a push puts on the Space."""
    for path, content in files_of_release(PROJECT, "abc123").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def settings_of_image(app: Path) -> dict[str, str]:
    """What the Dockerfile's ENV sets, but for the path to Python."""
    text = (app / "Dockerfile").read_text().replace("\\\n", " ")
    pairs = re.findall(r'(\w+)=("[^"]*"|\S+)', re.findall(r"^ENV (.*)$", text, re.MULTILINE)[-1])
    return {name: value.strip('"') for name, value in pairs if name != "PATH"}


@contextmanager
def space(app: Path, home: Path, settings: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    image = {name: value.replace("/home/user", str(home)) for name, value in settings_of_image(app).items()}
    env = {
        "PATH": os.environ["PATH"],
        **image,
        "SERVING_PORT": str(port),
        "SERVING_HOST": "127.0.0.1",
        **settings,
    }
    command = [sys.executable, "-m", "serving"]
    if os.geteuid() == 0:  # as the Hub does; an ordinary user cannot write elsewhere in any case
        for path in (home, *home.rglob("*")):
            os.chown(path, 1000, 1000)
        command = ["unshare", "--mount", "sh", "-c", SEALED, "sealed", str(home), *command]
    process = subprocess.Popen(
        command, cwd=app, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while time.monotonic() < end and process.poll() is None:
            try:
                httpx.get(f"{url}/health/live", timeout=patience(20))
                break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            process.kill()
            pytest.fail(process.communicate()[0])
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=patience(30))
