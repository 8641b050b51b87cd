"""A model file is the one that training recorded, and of a schema that this code knows, or it is refused."""

import hashlib
from pathlib import Path

import pytest

from pricing.errors import ArtefactError, UnknownSchema, UntrustedArtefact
from pricing.storage.recorded import SCHEMA_TAG, SHA256_TAG, check_recorded_schema, verified_sha256
from pricing.wine.schema import SCHEMA_VERSION


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.skops"
    path.write_bytes(b"a model")
    return path


def test_every_place_must_name_the_bytes(file: Path) -> None:
    right = {SHA256_TAG: hashlib.sha256(b"a model").hexdigest()}
    assert verified_sha256(file, {"MLmodel": right, "the registry": right}) == right[SHA256_TAG]
    for wrong in ({}, {SHA256_TAG: "0" * 64}):
        with pytest.raises(UntrustedArtefact, match=r"the registry says .* changed after training"):
            verified_sha256(file, {"MLmodel": right, "the registry": wrong})


def test_a_tag_is_text_and_metadata_a_number() -> None:
    for known in (SCHEMA_VERSION, str(SCHEMA_VERSION)):
        check_recorded_schema("it", {SCHEMA_TAG: known})


@pytest.mark.parametrize("schema", [99, "99", "nine", ""])
def test_an_unknown_schema_is_refused(schema: object) -> None:
    with pytest.raises(UnknownSchema, match=f"schema version {schema}"):
        check_recorded_schema("it", {SCHEMA_TAG: schema})


def test_a_record_without_schema_is_of_another_system() -> None:
    with pytest.raises(ArtefactError, match="never opened here"):
        check_recorded_schema("it", {"author": "somebody"})
