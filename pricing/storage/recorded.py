"""What training records of a model file beside it, and whether a file is the one that was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pricing.errors import ArtefactError, UntrustedArtefact
from pricing.storage.reader import check_schema, sha256_of

SCHEMA_TAG: Final = "schema_version"
SHA256_TAG: Final = "artefact_sha256"

Record = Mapping[str, object]
"""Tags of a version in the registry, or the metadata of its MLmodel file."""


def check_recorded_schema(name: str, record: Record) -> None:
    """Refuse by its record alone what this code cannot read. Raises ArtefactError, UnknownSchema."""
    schema = record.get(SCHEMA_TAG)
    if schema is None:
        raise ArtefactError(
            f"{name} carries no {SCHEMA_TAG}: another system wrote it, perhaps as a pickle, which is never "
            "opened here. Run the train deployment and promote what it registers."
        )
    check_schema(name, int(str(schema)) if str(schema).isdecimal() else schema)


def verified_sha256(path: Path, records: Mapping[str, Record]) -> str:
    """The hash of a file, which must stand in every one of `records`, by the place where each was found.

    Raises UntrustedArtefact.
    """
    sha256 = sha256_of(path)
    for place, record in records.items():
        if record.get(SHA256_TAG) != sha256:
            raise UntrustedArtefact(
                f"{path.name} has the SHA-256 {sha256[:16]}…, {place} says "
                f"{str(record.get(SHA256_TAG))[:16]}…: its bytes were changed after training. Do not use it: "
                "find out who changed it, and train again."
            )
    return sha256
