"""Prefect's form for a run with parameters of one's own, filled in as a person does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.pace import patience

Json = dict[str, Any]


@dataclass(frozen=True)
class CustomRun:
    """The form of a deployment, open in `page`. `properties` are those of the deployment's schema."""

    page: Page
    properties: Mapping[str, Json]

    @classmethod
    def opened(cls, page: Page, deployment: Json) -> CustomRun:
        """By the ways of the UI: the list of deployments, its name, "Run", "Custom run"."""
        page.get_by_role("link", name=deployment["name"], exact=True).first.click()
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_text("Custom run", exact=True).click()
        expect(page.get_by_role("button", name="Submit")).to_be_visible()
        return cls(page, deployment["parameter_openapi_schema"]["properties"])

    def field(self, name: str) -> Locator:
        """A parameter with its name, its help and its control."""
        label = self.page.locator("form label").filter(has_text=re.compile(rf"^{name}\b"))
        return label.locator("xpath=../..")

    def fill(self, name: str, value: object) -> None:
        form = self.properties[name]
        kinds = {each.get("type") for each in form.get("anyOf", [form])}
        if "null" in kinds:
            # The form shows a button for each type; one that is not "None" opens the control.
            self.field(name).get_by_role("button", name=re.compile("^(str|dict|float|datetime)$")).click()
        if "enum" in form:
            self._choose(name, str(value))
        elif isinstance(value, bool):
            self._switch(name, on=value)
        elif isinstance(value, dict):
            text = json.dumps(value, ensure_ascii=False)
            self.field(name).locator("textarea").fill(text)
            expect(self.field(name).locator("code")).to_have_text(text)
            self.page.keyboard.press("Tab")  # the form takes JSON over when the editor is left
        else:
            self.field(name).locator("textarea, input").first.fill(str(value))

    def submit(self) -> None:
        self.page.get_by_role("button", name="Submit").click()

    def start(self) -> None:
        """Submit the form, which the server takes."""
        with self.page.expect_response("**/create_flow_run", timeout=patience(30) * 1000) as caught:
            self.submit()
        assert caught.value.ok, f"{caught.value.status}: {caught.value.text()}"
        expect(self.page.get_by_text("scheduled to start").first).to_be_visible(timeout=patience(30) * 1000)

    def _choose(self, name: str, value: str) -> None:
        self.field(name).locator("button").last.focus()
        self.page.keyboard.press("Space")
        self.page.get_by_role("option", name=value, exact=True).click()
        expect(self.field(name).locator("button").last).to_have_text(value)

    def _switch(self, name: str, *, on: bool) -> None:
        switch = self.field(name).get_by_role("switch")
        if switch.get_attribute("aria-checked") != str(on).lower():
            switch.click()
        expect(switch).to_have_attribute("aria-checked", str(on).lower())
