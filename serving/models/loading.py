"""A model ready to answer, and the checks that a folder of files passes before it becomes one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from pricing.errors import PricingError
from pricing.scoring.record_scorer import RecordScorer
from pricing.storage.any_scorer import load_any_scorer
from pricing.storage.reader import FILE_NAME, sha256_of
from pricing.wine.request import Wine, parse
from pricing.wine.schema import SCHEMA_VERSION
from serving.errors import ModelRefused

MAX_ARTEFACT_BYTES: Final = 200 * 2**20
_MISFITS: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What a state raises that other code saved under the same schema version."""

_EXAMPLE_FILES: Final = ("input_example.json", "serving_input_example.json")


@dataclass(frozen=True, slots=True)
class VersionRef:
    """A version of the registered model, as the registry describes it."""

    name: str
    version: str
    tags: Mapping[str, str]
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A loaded model and what is known of it."""

    ref: VersionRef
    scorer: RecordScorer
    sha256: str
    card: Mapping[str, Any]
    loaded_at: datetime
    source: str

    @property
    def version(self) -> str:
        return self.ref.version

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def synthetic(self) -> bool:
        """Whether it was trained on generated reviews, so that its prices mean nothing."""
        return self.ref.tags.get("data_synthetic") == "true"


def check_tags(ref: VersionRef) -> None:
    """Refuse from the registry's tags alone what the code does not fit. Raises ModelRefused."""
    schema = ref.tags.get("schema_version")
    if schema is None:
        raise ModelRefused(
            f"Version {ref.version} carries no schema_version: another system wrote it, perhaps as "
            "a pickle, which is never opened here. Run the train deployment and promote what it registers."
        )
    if schema != str(SCHEMA_VERSION):
        raise ModelRefused(
            f"Version {ref.version} has schema version {schema}; this service knows {SCHEMA_VERSION}. "
            "Deploy the service that belongs to it, or promote a model of this schema."
        )


def load(folder: Path, ref: VersionRef, *, source: str, now: datetime) -> ServedModel:
    """A model from its files: bytes as recorded, schema known, no pickle, and its own example scored.

    Raises ModelRefused with the reason.
    """
    check_tags(ref)
    metadata = _metadata(folder, ref)
    sha256 = _checked_sha256(folder, ref, metadata)
    try:
        scorer = load_any_scorer(folder / FILE_NAME)
    except (PricingError, *_MISFITS) as error:
        raise ModelRefused(f"Version {ref.version} cannot be loaded: {error}") from error
    _check_example(folder, ref, scorer)
    return ServedModel(ref, scorer, sha256, metadata.get("model_card", {}), now, source)


def _metadata(folder: Path, ref: VersionRef) -> Mapping[str, Any]:
    try:
        described = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
        metadata = described.get("metadata") or {}
    except (OSError, yaml.YAMLError, AttributeError, UnicodeDecodeError) as error:
        raise ModelRefused(
            f"Version {ref.version} has no readable MLmodel file: {error}. Train again."
        ) from error
    if metadata.get("schema_version") != SCHEMA_VERSION:
        raise ModelRefused(
            f"Version {ref.version} says schema version {metadata.get('schema_version')} in its files; "
            f"this service knows {SCHEMA_VERSION}. Deploy the service that belongs to it, or promote a model "
            "of this schema."
        )
    return dict(metadata)


def _checked_sha256(folder: Path, ref: VersionRef, metadata: Mapping[str, Any]) -> str:
    path = folder / FILE_NAME
    if not path.is_file():
        raise ModelRefused(
            f"Version {ref.version} has no {FILE_NAME}: it is not one of this system's models."
        )
    if path.stat().st_size > MAX_ARTEFACT_BYTES:
        raise ModelRefused(f"Version {ref.version} has a {FILE_NAME} of over {MAX_ARTEFACT_BYTES >> 20} MB.")
    sha256 = sha256_of(path)
    recorded = {metadata.get("artefact_sha256"), ref.tags.get("artefact_sha256")}
    if recorded != {sha256}:
        raise ModelRefused(
            f"Version {ref.version}: the bytes of {FILE_NAME} are not those recorded at training "
            f"(SHA-256 {sha256[:12]}…). Do not use it: find out who changed it, and train again."
        )
    return sha256


def _check_example(folder: Path, ref: VersionRef, scorer: RecordScorer) -> None:
    try:
        estimates = scorer.score_batch(_example(folder))
    except (PricingError, ArithmeticError, *_MISFITS) as error:
        raise ModelRefused(f"Version {ref.version} cannot score its own input example: {error}") from error
    for estimate in estimates:
        figures = (estimate.price, estimate.low, estimate.high, estimate.expected_error)
        if not all(math.isfinite(figure) and figure > 0 for figure in figures):
            raise ModelRefused(f"Version {ref.version} prices its own input example at {figures}.")


def _example(folder: Path) -> list[Wine]:
    for name in _EXAMPLE_FILES:
        path = folder / name
        if path.is_file():
            records = _records(msgspec.json.decode(path.read_bytes()))
            return [_wine(record) for record in records if _has_place(record)]
    raise ValueError("it was logged without one")


def _has_place(record: Mapping[str, Any]) -> bool:
    """Reviews may lack a province; requests may not."""
    return all(str(record.get(name) or "").strip() for name in ("country", "province"))


def _records(example: dict[str, Any]) -> list[dict[str, Any]]:
    split = example.get("dataframe_split", example)
    return [dict(zip(split["columns"], row, strict=True)) for row in split["data"]]


def _wine(record: Mapping[str, Any]) -> Wine:
    return parse({name: value for name, value in record.items() if value is not None})[0]
