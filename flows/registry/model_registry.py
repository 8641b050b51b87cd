"""The model registry: versions, aliases, and the moves of aliases that survive a crash at any point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    INVALID_PARAMETER_VALUE,
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_DOES_NOT_EXIST,
    ErrorCode,
)

from flows.errors import NothingToRollBack, ProductionChanged
from flows.registry.contract import CANDIDATE, FLOW_RUN_TAG, PREVIOUS, PRODUCTION, PROMOTION_TAG
from pricing.wine.schema import MODEL_NAME

_DESCRIPTION: Final = (
    "Log price (natural log USD) of a wine from country, tasting note, province and vintage."
)


DESCRIPTION_LENGTH: Final = 5000
"""What MLflow's table holds."""


@dataclass(frozen=True, slots=True)
class AliasChange:
    """What a promotion or a rollback did to the alias `production`: versions before and after."""

    before: str | None
    after: str


class Registry:
    """The versions of one registered model and their aliases."""

    def __init__(self, client: MlflowClient, name: str = MODEL_NAME) -> None:
        self.client = client
        self.name = name

    def version(self, number: str) -> ModelVersion | None:
        try:
            return self.client.get_model_version(self.name, number)
        except MlflowException as error:
            _raise_unless_missing(error)
            return None

    def by_alias(self, alias: str) -> ModelVersion | None:
        """The version that an alias points to, None when it points nowhere."""
        try:
            return self.client.get_model_version_by_alias(self.name, alias)
        except MlflowException as error:
            _raise_unless_missing(error)
            return None

    def versions(self) -> list[ModelVersion]:
        """All versions, newest first."""
        found = self.client.search_model_versions(f"name = '{self.name}'")
        return sorted(found, key=lambda version: -int(version.version))

    def by_flow_run(self, flow_run_id: str) -> ModelVersion | None:
        """The version that a run of the train flow registered."""
        found = self.client.search_model_versions(
            f"name = '{self.name}' and tags.{FLOW_RUN_TAG} = '{flow_run_id}'"
        )
        return max(found, key=lambda version: int(version.version), default=None)

    def register(
        self,
        *,
        source: str,
        run_id: str,
        model_id: str | None,
        flow_run_id: str,
        tags: Mapping[str, str],
        description: str = "",
    ) -> ModelVersion:
        """A new version with its tags, then the alias `ready_to_test`: never the alias on half a version.

        Registering the same flow run again gives the version that it already made.
        """
        self._ensure_model()
        version = self.by_flow_run(flow_run_id) or self.client.create_model_version(
            self.name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags={**tags, FLOW_RUN_TAG: flow_run_id},
            description=description[:DESCRIPTION_LENGTH],
        )
        if PROMOTION_TAG not in version.tags:
            self.set_alias(CANDIDATE, version.version)
        return version

    def promote(self, version: str, *, instead_of: str | None) -> AliasChange:
        """`previous` ← production, `production` ← version, then `ready_to_test` removed from it.

        `instead_of` is the production version that the candidate was compared with; when another one has
        taken its place since, nothing is moved and `ProductionChanged` is raised. A crash between two steps
        leaves a served model, and promoting the same version again finishes: once `production` is the
        version, `previous` is not touched any more.
        """
        current = self.by_alias(PRODUCTION)
        before = current.version if current else None
        if before != version:
            if before != instead_of:
                raise ProductionChanged(
                    f"Production became version {before} while version {version} was compared with version "
                    f"{instead_of}. Nothing was moved; run promote again."
                )
            if before is not None:
                self.set_alias(PREVIOUS, before)
            self.set_alias(PRODUCTION, version)
        self.withdraw(version)
        return AliasChange(before, version)

    def withdraw(self, version: str) -> None:
        """Remove `ready_to_test` when it points to this version; a newer candidate keeps it."""
        candidate = self.by_alias(CANDIDATE)
        if candidate is not None and candidate.version == version:
            self.client.delete_registered_model_alias(self.name, CANDIDATE)

    def planned_rollback(self) -> AliasChange:
        """The move back to `previous`. Raises `NothingToRollBack` where there is none."""
        current, previous = self.by_alias(PRODUCTION), self.by_alias(PREVIOUS)
        if previous is None or (current is not None and current.version == previous.version):
            now = f"version {current.version}" if current else "nothing"
            raise NothingToRollBack(
                f"Production is {now} and no earlier production version is known. Train and promote a new "
                "version, or set the alias 'production' of "
                f"{self.name} by hand in MLflow."
            )
        return AliasChange(current.version if current else None, previous.version)

    def set_alias(self, alias: str, version: str) -> None:
        self.client.set_registered_model_alias(self.name, alias, version)

    def tag(self, version: str, tags: Mapping[str, str]) -> None:
        for key, value in tags.items():
            self.client.set_model_version_tag(self.name, version, key, value)

    def _ensure_model(self) -> None:
        try:
            self.client.create_registered_model(self.name, description=_DESCRIPTION)
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise


def _raise_unless_missing(error: MlflowException) -> None:
    """Pass over a version, alias or model that is not there; a missing alias is reported as invalid."""
    missing = (ErrorCode.Name(RESOURCE_DOES_NOT_EXIST), ErrorCode.Name(INVALID_PARAMETER_VALUE))
    if error.error_code not in missing:
        raise error
