"""A model ready to answer, and the checks that a folder of files passes before it becomes one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from pricing.errors import ArtefactError, PricingError
from pricing.scoring.record_scorer import RecordScorer
from pricing.storage.any_scorer import load_any_scorer
from pricing.storage.reader import FILE_NAME
from pricing.storage.recorded import check_recorded_schema, verified_sha256
from pricing.wine.request import Wine, parse
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
    with _refused(ref):
        check_recorded_schema("it", ref.tags)


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
    with _refused(ref):
        check_recorded_schema("its MLmodel file", metadata)
    return dict(metadata)


def _checked_sha256(folder: Path, ref: VersionRef, metadata: Mapping[str, Any]) -> str:
    path = folder / FILE_NAME
    if not path.is_file():
        raise ModelRefused(
            f"Version {ref.version} has no {FILE_NAME}: it is not one of this system's models."
        )
    if path.stat().st_size > MAX_ARTEFACT_BYTES:
        raise ModelRefused(f"Version {ref.version} has a {FILE_NAME} of over {MAX_ARTEFACT_BYTES >> 20} MB.")
    with _refused(ref):
        return verified_sha256(path, {"its MLmodel file": metadata, "the registry": ref.tags})


@contextmanager
def _refused(ref: VersionRef) -> Iterator[None]:
    """What `pricing` says of a version's record or file, as the reason why it is not served."""
    try:
        yield
    except ArtefactError as error:
        raise ModelRefused(f"Version {ref.version}: {error}") from error


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
