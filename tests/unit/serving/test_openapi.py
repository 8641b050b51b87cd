"""The description of the API is generated, and still says everything that clients were told before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from serving.access.route_access import access_of
from serving.api.field_descriptions import DESCRIPTIONS
from serving.api.openapi import KEYS, with_schemas
from serving.app import create_app
from serving.payloads.problems import MEDIA_TYPE
from serving.settings import ServingSettings

CONTRACT = json.loads((Path(__file__).parent / "api_contract.json").read_text("utf-8"))
"""What the description said when it was written by hand; the patterns and limits of fields included."""

APP = create_app(ServingSettings())
DOCUMENT = json.loads(json.dumps(with_schemas(APP.openapi_schema.to_schema())))
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
CHANGED = {("Wine", "millesime"), ("Wine", "country"), ("Wine", "province")}
"""The pattern of a vintage has a limit of length now; a country or province may not be blank."""


@pytest.mark.parametrize("name", sorted(CONTRACT["operations"]))
def test_an_operation_keeps_what_it_promised(name: str) -> None:
    before, now = CONTRACT["operations"][name], OPERATIONS[name]
    assert now["operationId"] == before["operation_id"]
    assert set(before["statuses"]) <= set(now["responses"])
    assert set(before["parameters"]) <= {f"{one['in']} {one['name']}" for one in now["parameters"]}
    assert now["security"] == before["security"]
    assert ("requestBody" in now) == before["body"]


@pytest.mark.parametrize("name", sorted(CONTRACT["schemas"]))
def test_a_schema_keeps_its_fields(name: str) -> None:
    before, now = CONTRACT["schemas"][name], DOCUMENT["components"]["schemas"][name]
    for field, schema in before["properties"].items():
        if (name, field) not in CHANGED:
            assert {**now["properties"][field], **schema} == now["properties"][field]
    assert set(before.get("required", [])) == set(now.get("required", []))
    assert before.get("additionalProperties") == now.get("additionalProperties")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_answer_is_described(name: str) -> None:
    for status, response in OPERATIONS[name]["responses"].items():
        ((media_type, content),) = response["content"].items()
        assert response["description"]
        assert content["schema"]
        if media_type == MEDIA_TYPE:
            assert content["example"]["status"] == int(status)
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_every_field_of_a_body_has_its_meaning(name: str) -> None:
    properties = DOCUMENT["components"]["schemas"][name].get("properties", {})
    assert [field for field, schema in properties.items() if not schema.get("description")] == []


@pytest.mark.parametrize("name", ["Wine", "Feedback", "Prediction", "BatchAnswer", "Problem", "Health"])
def test_the_fields_of_a_body_have_examples(name: str) -> None:
    properties = DOCUMENT["components"]["schemas"][name]["properties"]
    required = DOCUMENT["components"]["schemas"][name].get("required", [])
    assert [field for field in required if not properties[field].get("examples")] == []


def test_no_meaning_is_left_of_a_field_that_is_gone() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}
    full = {f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", {})}
    assert set(DESCRIPTIONS) - fields - full == set()


def test_references_lead_somewhere() -> None:
    for name in set(_references(DOCUMENT)):
        assert name in DOCUMENT["components"]["schemas"]


def test_security_is_what_the_routes_ask_for() -> None:
    for route in APP.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.resolve_include_in_schema():
                operation = OPERATIONS[f"{next(iter(handler.http_methods))} {route.path_format}"]
                assert (operation["security"] == KEYS) == access_of(handler.opt).needs_key


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
        return here + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []
