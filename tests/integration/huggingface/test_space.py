"""The service as a Space runs it: the image's settings, uid 1000, a disk read-only but for its home."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from serving.api.health import NOT_CONFIGURED
from tests.integration.huggingface.sealed import space
from tests.pace import patience
from tests.serving_kit.load import WINE
from tests.serving_kit.models import keep_in_cache

pytestmark = pytest.mark.integration


def test_page_may_stand_in_the_frame_of_the_hub_and_of_nobody_else(app: Path, home: Path) -> None:
    keep_in_cache(home / "state")
    with space(app, home, {}) as url:
        assert httpx.get(f"{url}/health", timeout=patience(20)).json()["release"] == "abc123"
        headers = httpx.get(f"{url}/", follow_redirects=True, timeout=patience(20)).headers
        assert (
            "frame-ancestors https://huggingface.co https://*.huggingface.co"
            in headers["content-security-policy"]
        )
        assert "x-frame-options" not in headers
        assert httpx.post(f"{url}/predict", json=WINE, timeout=patience(20)).status_code == 200


def test_settings_of_the_space_come_first(app: Path, home: Path) -> None:
    keep_in_cache(home / "state")
    with space(app, home, {"FRAME_ANCESTORS": "https://shop.example.org"}) as url:
        policy = httpx.get(f"{url}/", follow_redirects=True, timeout=patience(20)).headers[
            "content-security-policy"
        ]
        assert "frame-ancestors https://shop.example.org" in policy
        assert "huggingface" not in policy


def test_visitors_behind_the_proxy_are_limited_each_for_himself(app: Path, home: Path) -> None:
    """The Hub's proxy adds X-Forwarded-For; what a visitor writes there himself is not believed."""
    keep_in_cache(home / "state")
    with space(app, home, {"RATE_LIMIT_PER_MINUTE": "1", "RATE_LIMIT_BURST": "3"}) as url:

        def asked(forwarded: str) -> int:
            return httpx.post(
                f"{url}/predict", json=WINE, headers={"X-Forwarded-For": forwarded}, timeout=patience(20)
            ).status_code

        assert [asked("203.0.113.7, 10.0.3.4") for _ in range(5)][-1] == 429
        assert asked("198.51.100.9, 10.0.3.4") == 200
        assert asked("192.0.2.55, 203.0.113.7, 10.0.3.4") == 429  # forged in front of his own


def test_without_its_tracker_the_space_says_so(app: Path, home: Path) -> None:
    with space(app, home, {}) as url:
        answer = httpx.get(f"{url}/health", timeout=patience(20))
        assert answer.status_code == 503
        assert answer.json()["registry"]["status"] == NOT_CONFIGURED
