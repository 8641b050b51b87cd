"""docs/settings.md names every setting that is read, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path

from serving.settings import SECRETS, ServingSettings

PROJECT = Path(__file__).resolve().parents[3]
PAGE = (PROJECT / "docs/settings.md").read_text()
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \|(.*)\|$", re.MULTILINE)
NAME = r"[\"']([A-Z][A-Z0-9_]{2,})[\"']"
READ = (
    re.compile(rf"(?:env|environ|os\.environ)(?:\.get\(|\[){NAME}"),
    re.compile(rf"_(?:text|url|port|number|_given)\(env, {NAME}"),
)
OURS_TO_SET = {"CI", "OMP_NUM_THREADS"}
NOT_IN_CODE = {
    # read by MLflow, Prefect and boto3 themselves
    "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
}  # fmt: skip


def documented() -> dict[str, str]:
    return dict(ROW.findall(PAGE.partition("## GitHub secrets")[0]))


def read_by_python() -> set[str]:
    names = {field.upper() for field in ServingSettings.__struct_fields__}
    for folder in ("flows", "serving", "tracker", "deployments"):
        for path in (PROJECT / folder).rglob("*.py"):
            text = path.read_text()
            names |= {name for pattern in READ for name in pattern.findall(text)}
    checks = (PROJECT / "tracker/settings.py").read_text().partition("CHECKS: Final")[2]
    return (names | set(re.findall(NAME, checks))) - OURS_TO_SET


def read_by_scripts() -> set[str]:
    install = "".join(path.read_text() for path in (PROJECT / "deployments/ec2").glob("*.sh"))
    names = set(re.findall(r"\b(?:setting|required) ([A-Z][A-Z0-9_]+)", install))
    for listed in re.findall(r"(?:passed_on|^AWS=\()([^\n]*)", install, flags=re.MULTILINE):
        names |= set(re.findall(r"\b[A-Z][A-Z0-9_]{3,}\b", listed))
    workflows = "".join(path.read_text() for path in (PROJECT / ".github/workflows").glob("*.yml"))
    names |= set(re.findall(r"(?:secrets|vars)\.([A-Z0-9_]+)", workflows))
    return names


def test_every_setting_that_is_read_is_on_the_page() -> None:
    assert (read_by_python() | read_by_scripts()) - documented().keys() == set()


def test_every_setting_on_the_page_is_read() -> None:
    everything = (
        "".join(
            path.read_text()
            for folder in ("flows", "serving", "tracker", "deployments", ".github")
            for path in (PROJECT / folder).rglob("*")
            if path.suffix in {".py", ".sh", ".yml", ".yaml", ".env"}
        )
        + (PROJECT / "prefect.yaml").read_text()
    )
    known = read_by_python() | read_by_scripts() | NOT_IN_CODE
    gone = {name for name in documented() if name not in known and name not in everything}
    assert gone == set()


def test_secrets_are_marked_as_such() -> None:
    rows = documented()
    for name in SECRETS:
        assert rows[name.upper()].rstrip().endswith("yes"), name
    for name in rows:
        if name.endswith(("_PASSWORD", "_SECRET", "_TOKEN", "_PRIVATE_KEY", "SECRET_ACCESS_KEY")):
            assert rows[name].rstrip().endswith("yes"), name


def test_example_file_names_the_same_settings_and_sets_none() -> None:
    text = (PROJECT / ".env.example").read_text()
    assert set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) == documented().keys()
    assert not re.search(r"^[A-Z]", text, re.MULTILINE)
