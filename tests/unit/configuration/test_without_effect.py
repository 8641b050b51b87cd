"""Variables that are set and change nothing are named, with what to do; others are left in peace."""

from __future__ import annotations

import io

import pytest

from configuration.without_effect import documented_settings, lacking, misspelt, said
from deployments.local.progress import Progress
from deployments.local.up import say_without_effect

KNOWN = documented_settings()


def test_the_page_of_settings_is_read() -> None:
    assert len(KNOWN) > 80
    assert "flows" in KNOWN["DRIFT_THRESHOLD"]
    assert "make up" in KNOWN["SERVING_PORT"]


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("DRIFT_TRESHOLD", "DRIFT_THRESHOLD"),
        ("NEON_URL", "NEON_URI"),
        ("API_KEY", "API_KEYS"),
        ("MLFLOW_TRACKING_URL", "MLFLOW_TRACKING_URI"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("SERVING_PORTS", "SERVING_PORT"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_right_one(name: str, right: str) -> None:
    assert misspelt({name: "hush"}, KNOWN) == {name: right}
    assert "hush" not in str(said({name: "hush"}, KNOWN))
    assert misspelt({name: "x", right: "y"}, KNOWN) == {}


@pytest.mark.parametrize(
    "name",
    ["PREFECT_HOME", "MLFLOW_HOST", "AWS_PROFILE", "HF_HOME", "PYTHONPATH", "DATE", "PREFECT_API_KEY",
     "HOSTNAME", "LOGNAME", "MLFLOW_TRACKING_TOKEN", "PREFECT_LOGGING_LEVEL", "EDITOR", "HTTPS_PROXY"],
)  # fmt: skip
def test_variables_of_other_programs_are_left_in_peace(name: str) -> None:
    assert misspelt({name: "x"}, KNOWN) == {}


def test_a_setting_without_the_one_it_belongs_to_is_named() -> None:
    assert lacking({"RATE_LIMIT_BURST": "50"}) == {"RATE_LIMIT_BURST": "RATE_LIMIT_PER_MINUTE"}
    assert lacking({"RATE_LIMIT_BURST": "50", "RATE_LIMIT_PER_MINUTE": "0"})
    assert lacking({"RATE_LIMIT_BURST": "50", "RATE_LIMIT_PER_MINUTE": "600"}) == {}
    assert lacking({"SHADOW_SAMPLE": "0.1"}) == {"SHADOW_SAMPLE": "MLFLOW_TRACKING_URI"}
    assert lacking({"SHADOW_SAMPLE": "0.1", "BACKEND_STORE_URI": "https://mlflow.my-team.org"}) == {}
    assert lacking({}) == {}


def start_of(**env: str) -> str:
    out = io.StringIO()
    say_without_effect(env, Progress(out=out, clock=lambda: 0.0, began=0.0))
    return out.getvalue()


def test_make_up_names_what_it_does_not_read() -> None:
    said_ = start_of(DRIFT_THRESHOLD="0.5", NEON_URI="postgresql://u:hush@h/d", SERVING_PORT="7861", DATA="x")
    assert "without effect here: DRIFT_THRESHOLD, NEON_URI." in said_
    assert "hush" not in said_


def test_make_up_names_what_is_misspelt_and_is_silent_otherwise() -> None:
    assert "Did you mean SERVING_PORT?" in start_of(SERVING_PROT="7861")
    assert start_of(SERVING_PORT="7861", PATH="/bin", HOME="/", SSL_CERT_FILE="x", NEON_URI=" ") == ""
