"""What a person sees of the flows in Prefect: help and bounds of every parameter, names of runs."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.schema_tools.validation import validate

from flows.orchestration import runs
from flows.orchestration.runs import name_of_file, named

DOCS = Path(__file__).resolve().parents[3] / "docs"
DEPLOYMENTS = {
    each["name"]: each
    for each in yaml.safe_load((Path(__file__).resolve().parents[3] / "prefect.yaml").read_text())[
        "deployments"
    ]
}


def flow_of(name: str) -> Flow[Any, Any]:
    path, _, function = DEPLOYMENTS[name]["entrypoint"].partition(":")
    found = getattr(import_module(path.removesuffix(".py").replace("/", ".")), function)
    assert isinstance(found, Flow)
    return found


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_every_parameter_has_help(name: str) -> None:
    properties = flow_of(name).parameters.properties
    assert [field for field, form in properties.items() if not form.get("description")] == []


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_every_flow_has_a_page_with_its_form_and_every_parameter(name: str) -> None:
    flow = flow_of(name)
    page = (DOCS / "flows" / f"{flow.name}.md").read_text()
    assert f"../images/{name}.png" in page
    assert (DOCS / "images" / f"{name}.png").exists()
    for field, form in flow.parameters.properties.items():
        (row,) = re.findall(rf"^\| `{field}` \|.*$", page, re.MULTILINE)
        assert " ".join(form["description"].split()) in row


@pytest.mark.parametrize("picture", sorted((DOCS / "images").glob("*.png")), ids=lambda path: path.stem)
def test_pictures_are_small(picture: Path) -> None:
    assert picture.stat().st_size < 150_000


def bounds_of(form: dict[str, Any]) -> list[float]:
    """The bounds of a parameter, in whichever type they stand; the form itself does not show them."""
    names = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "maxLength")
    return [each[name] for each in form.get("anyOf", [form]) for name in names if name in each]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_help_says_the_bounds_and_the_choices(name: str) -> None:
    for field, form in flow_of(name).parameters.properties.items():
        said = set(re.findall(r"\d[\d,.]*\d|\d", form["description"]))
        for bound in bounds_of(form):
            last = bound - 1 if bound == 2**32 else bound
            assert f"{last:,.10g}" in said, (field, bound, form["description"])
        for choice in form.get("enum", []):
            assert f'"{choice}"' in form["description"], (field, choice)


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_deployments_have_tags_and_what_they_preset_fits_the_form(name: str) -> None:
    deployment = DEPLOYMENTS[name]
    assert "wine" in deployment["tags"]
    assert deployment.get("parameters") != {}
    for schedule in deployment.get("schedules", []):
        assert schedule["slug"]
    schema = flow_of(name).parameters.model_dump_for_openapi()
    for field, value in (deployment.get("parameters") or {}).items():
        assert field in schema["properties"]
        assert value != ""


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("wine-score", {"catalogue_uri": "a.csv", "output_uri": "b.csv", "workers": 0}),
        ("wine-score", {"catalogue_uri": "", "output_uri": "b.csv"}),
        ("wine-drift", {"window_days": -3}),
        ("wine-drift", {"threshold": 0}),
        ("wine-drift", {"min_rows": 0}),
        ("wine-train", {"budget": 0}),
        ("wine-train", {"extras": "sometimes"}),
        ("wine-rollback", {"reason": " "}),
        ("wine-rollback", {}),
        ("wine-feedback", {}),
        ("wine-promote", {"model_version": "latest"}),
        ("wine-watch", {"stale_days": 0}),
    ],
)
def test_values_out_of_bounds_are_refused_before_a_run(name: str, parameters: dict[str, Any]) -> None:
    schema = flow_of(name).parameters.model_dump_for_openapi()
    with pytest.raises(Exception, match=r"."):
        validate(parameters, schema, raise_on_error=True)
    with pytest.raises(Exception, match=r"."):
        flow_of(name).validate_parameters(parameters)


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_every_flow_names_its_runs(name: str) -> None:
    assert callable(flow_of(name).flow_run_name)


def test_runs_are_named_for_what_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"catalogue_uri": "s3://shop/autumn/wines.csv", "reason": "x" * 200}
    monkeypatch.setattr(runs.flow_run, "get_parameters", lambda: given, raising=False)
    assert named("score {catalogue_uri}", catalogue_uri=name_of_file)() == "score wines.csv"
    assert named("watch {today}")() == f"watch {datetime.now(UTC):%Y-%m-%d}"
    assert len(named("rollback: {reason}")()) == 80


def test_the_forms_are_known_without_what_a_run_needs() -> None:
    entrypoints = [declared["entrypoint"] for declared in DEPLOYMENTS.values()]
    modules = ", ".join(sorted(each.partition(".py:")[0].replace("/", ".") for each in entrypoints))
    heavy = ("mlflow", "numpy", "pandas", "pyarrow", "scipy", "sklearn")
    code = f"import sys, {modules}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
