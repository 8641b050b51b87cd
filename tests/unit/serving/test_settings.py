"""Settings from the environment: every mistake is named at once, with an example, and no secret prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from configuration.errors import SettingsError
from serving.settings import ServingSettings


def test_an_empty_environment_is_enough() -> None:
    settings = ServingSettings.from_env({})
    assert settings.serving_port == 7860
    assert settings.model_alias == "production"


def test_values_are_read_and_converted() -> None:
    settings = ServingSettings.from_env(
        {
            "SERVING_PORT": "8000",
            "SERVING_STATE_DIR": "state",
            "LOG_REQUESTS": "true",
            "SHADOW_SAMPLE": "0.25",
        }
    )
    assert (settings.serving_port, settings.serving_state_dir) == (8000, Path("state"))
    assert settings.log_requests is True
    assert settings.shadow_sample == 0.25


def test_the_original_name_of_the_tracker_works() -> None:
    assert ServingSettings.from_env({"BACKEND_STORE_URI": "http://t"}).mlflow_tracking_uri == "http://t"


def test_every_offending_variable_is_named_with_an_example() -> None:
    with pytest.raises(SettingsError) as caught:
        ServingSettings.from_env(
            {"SERVING_PORT": "70000", "MODEL_POLL_SECONDS": "often", "LOG_LEVEL": "loud"}
        )
    text = str(caught.value)
    for expected in ("SERVING_PORT", "MODEL_POLL_SECONDS", "LOG_LEVEL", "Example: SERVING_PORT=7860"):
        assert expected in text


@pytest.mark.parametrize("placeholder", ["changeme", "<password>", "your-secret-here"])
def test_a_placeholder_is_no_secret(placeholder: str) -> None:
    with pytest.raises(SettingsError, match="MLFLOW_WEBHOOK_SECRET: holds a placeholder") as caught:
        ServingSettings.from_env({"MLFLOW_WEBHOOK_SECRET": placeholder})
    assert placeholder not in str(caught.value).partition("Example")[0]


def test_secrets_do_not_print() -> None:
    uri = "postgresql://wine:hush@db/wine"
    assert "hush" not in repr(ServingSettings.from_env({"NEON_URI": uri}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRAME_ANCESTORS", "none; script-src *"),
        ("FRAME_ANCESTORS", "https://a.example\r\nX-Evil: 1"),
        ("FRAME_ANCESTORS", "https://a.example/path, https://b.example"),
        ("FRAME_ANCESTORS", "'none' https://a.example"),
        ("FRAME_ANCESTORS", "'unsafe-inline'"),
        ("CORS_ORIGINS", "shop.example.org"),
        ("CORS_ORIGINS", "https://shop.example.org/page"),
        ("CORS_ORIGINS", "https://a.example\nX-Evil: 1"),
        ("RELEASE", "1\r\nX-Evil: 1"),
        ("MODEL_ALIAS", "production/../x"),
        ("MODEL_POLL_SECONDS", "inf"),
        ("DRAIN_SECONDS", "nan"),
    ],
)
def test_what_would_break_a_header_or_a_wait_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ServingSettings.from_env({name: value})
    assert caught.value.names == [name]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("none", "'none'"),
        ("'none'", "'none'"),
        ("self https://huggingface.co/", "'self' https://huggingface.co"),
        ("https://*.hf.space http://127.0.0.1:8080 *", "https://*.hf.space http://127.0.0.1:8080 *"),
    ],
)
def test_frame_ancestors_reach_the_header_as_browsers_read_them(given: str, sent: str) -> None:
    assert ServingSettings.from_env({"FRAME_ANCESTORS": given}).frame_ancestors == sent


def test_origins_are_as_browsers_send_them() -> None:
    settings = ServingSettings.from_env({"CORS_ORIGINS": "https://Shop.example.org/, http://127.0.0.1:8080"})
    assert settings.origins == ("https://shop.example.org", "http://127.0.0.1:8080")
