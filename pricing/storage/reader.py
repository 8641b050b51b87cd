"""The file of a saved model: its name, its hash, what is wrong with one, and `wine` read without skops.

Reading through skops imports all of scikit-learn: seconds of a start, and more memory than the model.
The file is a zip: `schema.json`, a tree of nodes, and one `.npy` for each array. A saved estimator has
three kinds of nodes; every other kind is refused, so nothing in a file can name code to run.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from pricing.errors import ArtefactError, UnknownSchema, UntrustedArtefact
from pricing.model.state import Knowledge
from pricing.scoring.scorer import Scorer
from pricing.wine.schema import SCHEMA_VERSION

FILE_NAME: Final = "model.skops"
ESTIMATOR: Final = ("pricing.estimator", "WinePriceRegressor")
PROTOCOL: Final = 2
"""The version of skops' file format that this reads."""

_DAMAGED: Final = (zipfile.BadZipFile, msgspec.MsgspecError, LookupError, TypeError, ValueError, EOFError)

Node = Mapping[str, Any]
Value = Any
"""A dict, a JSON value or an array, as the node says."""


def load_scorer(path: Path) -> Scorer:
    """The record path of a saved model. Nothing in the file is executed.

    Raises UntrustedArtefact for a file that is damaged or holds anything but an estimator of ours,
    UnknownSchema for one written by another schema version.
    """
    attributes = attributes_of(path)
    check_schema(path.name, attributes.get("schema_version_"))
    return Scorer(Knowledge.unpack(attributes["state_"]), attributes["coverage"])


def attributes_of(path: Path) -> Mapping[str, Value]:
    """What the estimator `wine` in a file has learned and was set to, by whatever schema version.

    Raises UntrustedArtefact for a file that is damaged or holds anything else.
    """
    require(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _estimator(archive)
    except _DAMAGED as error:
        raise damaged(path, error) from error


def kind_of(path: Path) -> tuple[str, str]:
    """Module and class of the estimator in a file. Raises UntrustedArtefact for a damaged one."""
    require(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _kind(_root(archive))
    except _DAMAGED as error:
        raise damaged(path, error) from error


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require(path: Path) -> None:
    """Raises ArtefactError where there is no file."""
    if not path.is_file():
        raise ArtefactError(f"There is no saved model at {path}. Train one, or check the path.")


def damaged(path: Path, error: Exception) -> UntrustedArtefact:
    """The refusal of a file that cannot be read as one of ours."""
    return UntrustedArtefact(
        f"{path.name} is not a model that this code wrote ({type(error).__name__}: {error}). "
        "Do not use it; train again, or restore the file from its backup."
    )


def check_schema(name: str, version: object) -> None:
    """Raises UnknownSchema for a file of another schema version."""
    if version != SCHEMA_VERSION:
        raise UnknownSchema(
            f"{name} was written by schema version {version}; this code knows {SCHEMA_VERSION}. "
            "Deploy the code that trained it, or train again with this code."
        )


def _estimator(archive: zipfile.ZipFile) -> Mapping[str, Any]:
    root = _root(archive)
    kind = _kind(root)
    if kind != ESTIMATOR or root["protocol"] != PROTOCOL:
        raise ValueError(f"it holds {'.'.join(kind)} in format {root['protocol']}")
    attributes = _value(root["content"], archive)
    if not isinstance(attributes, dict):
        raise TypeError(f"its attributes are a {type(attributes).__name__}")
    return attributes


def _root(archive: zipfile.ZipFile) -> Node:
    root: Node = msgspec.json.decode(archive.read("schema.json"))
    return root


def _kind(root: Node) -> tuple[str, str]:
    return str(root["__module__"]), str(root["__class__"])


def _value(node: Node, archive: zipfile.ZipFile) -> Value:
    loader = node["__loader__"]
    if loader == "DictNode" and node["__class__"] == "dict":
        return {str(name): _value(child, archive) for name, child in node["content"].items()}
    if loader == "JsonNode":
        return msgspec.json.decode(node["content"])
    if loader == "NdArrayNode" and node["type"] == "numpy":
        return np.load(io.BytesIO(archive.read(node["file"])), allow_pickle=False)
    raise ValueError(f"it holds {node['__module__']}.{node['__class__']} as a {loader}")
