"""Every deployment started from the form of Prefect's UI, with parameters changed there.

The tests tell one story, in order: a training brings version 2 into production, a rollback takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
import yaml
from playwright.sync_api import Browser, expect

from deployments.local.settings import PROJECT
from deployments.prefect_api import FINAL_STATES
from tests.browser.prefect.custom_run import CustomRun, Json
from tests.integration.stack.stack import LocalStack, eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

Start = Callable[[str], CustomRun]
DEPLOYMENTS = [
    each["name"] for each in yaml.safe_load((PROJECT / "prefect.yaml").read_text("utf-8"))["deployments"]
]
WINE = {
    "country": "Portugal",
    "description": "Dried figs and walnut, sweet and long.",
    "province": "Port",
    "millesime": "NV",
}


@pytest.fixture
def form_of(stack: LocalStack, browser: Browser) -> Iterator[Start]:
    """Opens the form of a deployment by its bare name. What the console says of Prefect's UI is not ours."""
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:

        def opened(name: str) -> CustomRun:
            [deployment] = stack.prefect("/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
            page.goto(f"{stack.settings.prefect_url}/deployments")
            return CustomRun.opened(page, deployment)

        yield opened


def by_hand(stack: LocalStack, name: str) -> dict[str, Json]:
    """Runs of a deployment by id, without those of its schedule."""
    return {run["id"]: run for run in stack.runs(name) if not run["auto_scheduled"]}


def run_by_form(stack: LocalStack, form: CustomRun, name: str, **parameters: Any) -> Json:
    """The run that the form started, when it has ended: it got what was typed."""
    before = by_hand(stack, name).keys()
    for field, value in parameters.items():
        form.fill(field, value)
    form.start()

    def ended() -> Json | None:
        new = [run for id_, run in by_hand(stack, name).items() if id_ not in before]
        return new[0] if new and new[0]["state_type"] in FINAL_STATES else None

    run = eventually(ended, seconds=120, what=f"a run of {name} that has ended")
    assert {field: run["parameters"].get(field) for field in parameters} == parameters
    return run


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_parameter_shows_its_help(form_of: Start, name: str) -> None:
    form = form_of(name)
    for field, parameter in form.properties.items():
        for line in parameter["description"].splitlines():
            expect(form.field(field)).to_contain_text(line.strip())


def test_value_out_of_bounds_starts_nothing(stack: LocalStack, form_of: Start) -> None:
    form = form_of("wine-drift")
    before = by_hand(stack, "wine-drift").keys()
    form.fill("window_days", -3)
    form.submit()
    expect(form.page.get_by_text("-3 is less than or equal to the minimum of 0").first).to_be_visible()
    assert by_hand(stack, "wine-drift").keys() == before


def test_train(stack: LocalStack, form_of: Start) -> None:
    form = form_of("wine-train")
    run = run_by_form(stack, form, "wine-train", seed=1, extras="never", reason="a look at noise")
    assert run["state_name"] == "Completed", run["state"]
    assert run["name"].endswith(": a look at noise")
    assert "Registered version 2" in run["state"]["message"]


def test_promote(stack: LocalStack, form_of: Start) -> None:
    eventually(lambda: stack.served_version() == "2", seconds=120, what="the trigger promotes version 2")
    run = run_by_form(stack, form_of("wine-promote"), "wine-promote", model_version="2", allow_synthetic=True)
    assert run["state_name"] == "Completed", run["state"]


def test_score(stack: LocalStack, form_of: Start) -> None:
    catalogue, output = stack.data / "cave.csv", stack.data / "priced.csv"
    wines = pd.DataFrame([WINE | {"province": place} for place in ("Port", "Douro", "Alentejo")])
    wines.rename(columns={"country": "Pays"}).to_csv(catalogue, index=False, sep=";")
    run = run_by_form(
        stack, form_of("wine-score"), "wine-score",
        catalogue_uri=str(catalogue), output_uri=str(output), columns={"Pays": "country"}, workers=1,
    )  # fmt: skip
    assert run["state_name"] == "Completed", run["state"]
    priced = pd.read_csv(output, sep=None, engine="python")
    assert (priced["predicted_price"] > 0).sum() == 3


def test_feedback(stack: LocalStack, form_of: Start) -> None:
    answer = stack.predict(**WINE).json()
    prices = stack.data / "prices.csv"
    prices.write_text(f"id,Prix payé\n{answer['request_id']},31.50\n", encoding="utf-8")
    run = run_by_form(
        stack, form_of("wine-feedback"), "wine-feedback",
        prices_uri=str(prices), columns={"id": "request_id", "Prix payé": "price"}, client="cave",
    )  # fmt: skip
    assert run["state_name"] == "Completed", run["state"]
    assert stack.query("SELECT client, actual_price::float FROM wine_feedback") == [("cave", 31.5)]


def test_drift(stack: LocalStack, form_of: Start) -> None:
    run = run_by_form(
        stack, form_of("wine-drift"), "wine-drift",
        window_days=2.5, threshold=0.5, report=False, min_rows=500,
    )  # fmt: skip
    assert run["state_name"] == "NotEnoughData", run["state"]


def test_watch(stack: LocalStack, form_of: Start) -> None:
    run = run_by_form(stack, form_of("wine-watch"), "wine-watch", outbox_rows=50, stale_days=45)
    assert run["state_name"] == "Completed", run["state"]


def test_archive(stack: LocalStack, form_of: Start) -> None:
    folder = str(stack.state / "archive")
    run = run_by_form(stack, form_of("wine-archive"), "wine-archive", keep_days=90, archive_uri=folder)
    assert run["state_name"] == "Completed", run["state"]


def test_rollback(stack: LocalStack, form_of: Start) -> None:
    reason = 'Rioja is priced "too high"'
    run = run_by_form(stack, form_of("wine-rollback"), "wine-rollback", reason=reason)
    assert run["state_name"] == "Completed", run["state"]
    assert run["name"] == f"rollback: {reason}"
    eventually(lambda: stack.served_version() == "1", seconds=30, what="version 1 is served again")
