"""The service as a Space runs it: the image's settings, uid 1000, a disk read-only but for its home."""

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
from serving.api.health import NOT_CONFIGURED
from tests.ports import free_port
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache

pytestmark = pytest.mark.integration

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


@pytest.fixture(scope="module")
def app() -> Iterator[Path]:
    """The files that a push puts on the Space."""
    with open_folder() as folder:
        yield _released(folder)


def _released(folder: Path) -> Path:
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
                httpx.get(f"{url}/health/live")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            process.kill()
            pytest.fail(process.communicate()[0])
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        made = folder / "home"
        made.mkdir(mode=0o755)
        yield made


def test_page_may_stand_in_the_frame_of_the_hub_and_of_nobody_else(app: Path, home: Path) -> None:
    keep_in_cache(home / "state")
    with space(app, home, {}) as url:
        assert httpx.get(f"{url}/health").json()["release"] == "abc123"
        headers = httpx.get(f"{url}/", follow_redirects=True).headers
        assert (
            "frame-ancestors https://huggingface.co https://*.huggingface.co"
            in headers["content-security-policy"]
        )
        assert "x-frame-options" not in headers
        assert httpx.post(f"{url}/predict", json=WINE).status_code == 200


def test_settings_of_the_space_come_first(app: Path, home: Path) -> None:
    keep_in_cache(home / "state")
    with space(app, home, {"FRAME_ANCESTORS": "https://shop.example.org"}) as url:
        policy = httpx.get(f"{url}/", follow_redirects=True).headers["content-security-policy"]
        assert "frame-ancestors https://shop.example.org" in policy
        assert "huggingface" not in policy


def test_visitors_behind_the_proxy_are_limited_each_for_himself(app: Path, home: Path) -> None:
    """The Hub's proxy adds X-Forwarded-For; what a visitor writes there himself is not believed."""
    keep_in_cache(home / "state")
    with space(app, home, {"RATE_LIMIT_PER_MINUTE": "1", "RATE_LIMIT_BURST": "3"}) as url:

        def asked(forwarded: str) -> int:
            return httpx.post(f"{url}/predict", json=WINE, headers={"X-Forwarded-For": forwarded}).status_code

        assert [asked("203.0.113.7, 10.0.3.4") for _ in range(5)][-1] == 429
        assert asked("198.51.100.9, 10.0.3.4") == 200
        assert asked("192.0.2.55, 203.0.113.7, 10.0.3.4") == 429  # forged in front of his own


def test_without_its_tracker_the_space_says_so(app: Path, home: Path) -> None:
    with space(app, home, {}) as url:
        answer = httpx.get(f"{url}/health")
        assert answer.status_code == 503
        assert answer.json()["registry"]["status"] == NOT_CONFIGURED
