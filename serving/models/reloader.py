"""Keeps the model in service the one that the registry's alias names, without a restart.

A new version is loaded beside the old one, in a thread, checked, and put in its place by one
assignment. Whatever goes wrong, the old one stays, and metrics and health say what happened.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pricing.storage.recorded import SHA256_TAG
from serving.errors import ModelRefused, RegistryUnavailable
from serving.models.cache import ModelCache
from serving.models.loading import ServedModel, VersionRef, check_tags, load
from serving.models.registry import Registry

log = logging.getLogger(__name__)

CANDIDATE_ALIAS = "ready_to_test"
WAITED_FOR_SECONDS = 1.0
"""At most this long between two looks while no model is in service: until then nobody is answered."""
NO_REGISTRY = (
    "MLFLOW_TRACKING_URI is not set, so no model is fetched: only one that was kept on disk is served. "
    "Set it to the tracker's address, for example MLFLOW_TRACKING_URI=https://mlflow.my-team.org"
)


@dataclass(slots=True)
class ActiveModel:
    """The model that answers, and the candidate that shadows it, where there are any."""

    current: ServedModel | None = None
    shadow: ServedModel | None = None


@dataclass(slots=True)
class ReloadState:
    """What reloading has come to, for metrics and health. `problem` is a category, `last_error` a text."""

    loads: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    registry_ok: bool | None = None
    problem: str | None = None
    last_error: str | None = None
    wanted: str | None = None


@dataclass(slots=True)
class Reloader:
    """Polls the registry until it is cancelled; `trigger` makes it look at once."""

    registry: Registry | None
    cache: ModelCache
    active: ActiveModel
    alias: str
    poll_seconds: float
    clock: Callable[[], datetime]
    shadowing: bool = False
    state: ReloadState = field(default_factory=ReloadState)
    _triggered: asyncio.Event = field(default_factory=asyncio.Event)
    _refused: dict[str, VersionRef] = field(default_factory=dict)

    def start_from_cache(self) -> None:
        """Serve what was served last, so that a start needs no registry."""
        if self.registry is None:
            self._report("not_configured", NO_REGISTRY)
        try:
            found = self.cache.current()
            if found is not None:
                ref, folder = found
                self.active.current = load(folder, ref, source="cache", now=self.clock())
                log.info("Serving version %s from the cache", ref.version)
        except ModelRefused as refusal:
            self._fail("cache", refusal)

    def trigger(self) -> None:
        """Look at the registry now rather than at the next poll."""
        self._triggered.set()

    async def run(self) -> None:
        """Follow the alias until cancelled."""
        while self.registry is not None:
            try:
                await self.check()
            except Exception as error:
                self._fail("unexpected", error)
                log.exception("Looking for a new model failed in a way nobody foresaw; it goes on")
            await self._wait()

    async def check(self) -> None:
        """Look once, and load what is new."""
        await self._follow(self.alias, self.active.current, self._serve)
        if self.shadowing:
            await self._follow(CANDIDATE_ALIAS, self.active.shadow, self._shadow)

    async def _follow(
        self, alias: str, loaded: ServedModel | None, put: Callable[[ServedModel | None], None]
    ) -> None:
        try:
            ref = await self._named(alias)
        except RegistryUnavailable as error:
            self._fail("registry", error)
            return
        if ref is None:
            self._absent(alias, put)
        elif _same(loaded, ref):
            self._settle(alias)
        elif self._refused.get(alias) != ref:
            await self._take(alias, ref, put)

    async def _named(self, alias: str) -> VersionRef | None:
        if self.registry is None:
            raise RegistryUnavailable("MLFLOW_TRACKING_URI is not set, so there is no registry to ask")
        self.state.registry_ok = False
        ref = await asyncio.to_thread(self.registry.version_of, alias)
        self.state.registry_ok = True
        if alias == self.alias:
            self.state.wanted = ref.version if ref else None
        return ref

    async def _take(self, alias: str, ref: VersionRef, put: Callable[[ServedModel | None], None]) -> None:
        try:
            put(await asyncio.to_thread(self._load, ref, keep=alias == self.alias))
        except RegistryUnavailable as error:
            self._fail("registry", error)
        except ModelRefused as refusal:
            self._refused[alias] = ref  # not again until the alias moves or the version's tags change
            self._fail("refused" if alias == self.alias else "shadow", refusal)
        else:
            self.state.loads += 1
            self._settle(alias)

    def _settle(self, alias: str) -> None:
        self._refused.pop(alias, None)
        if alias == self.alias:
            self.state.problem = self.state.last_error = None

    def _serve(self, model: ServedModel | None) -> None:
        self.active.current = model
        if model is not None:
            log.info("Serving version %s", model.version)

    def _shadow(self, model: ServedModel | None) -> None:
        self.active.shadow = model

    def _absent(self, alias: str, put: Callable[[ServedModel | None], None]) -> None:
        if alias == CANDIDATE_ALIAS:
            put(None)
        elif self.active.current is None:
            self._report(
                "no_version", f"No version carries the alias {alias} yet: train a model and promote it."
            )

    def _load(self, ref: VersionRef, *, keep: bool) -> ServedModel:
        """Download, check and load a version; the files of one to be served are kept for the next start."""
        if self.registry is None:
            raise RegistryUnavailable("There is no registry")
        check_tags(ref)
        workspace = self.cache.workspace()
        try:
            self.registry.download(ref, workspace)
            model = load(workspace, ref, source="registry", now=self.clock())
            if keep:
                self.cache.keep(ref, workspace)
        except OSError as error:
            raise RegistryUnavailable(f"Version {ref.version} could not be put on disk: {error}") from error
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
        return model

    def _fail(self, kind: str, error: BaseException) -> None:
        self.state.failures[kind] += 1
        self._report(kind, f"The model in service stays as it is: {str(error) or type(error).__name__}")

    def _report(self, problem: str, text: str) -> None:
        """Keep what is wrong, and log it once."""
        if text != self.state.last_error:
            log.warning("%s", text)
        self.state.problem, self.state.last_error = problem, text

    async def _wait(self) -> None:
        seconds = self.poll_seconds if self.active.current else min(self.poll_seconds, WAITED_FOR_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._triggered.wait()
        except TimeoutError:
            pass
        self._triggered.clear()


def _same(loaded: ServedModel | None, ref: VersionRef) -> bool:
    return loaded is not None and (loaded.version, loaded.sha256) == (
        ref.version,
        ref.tags.get(SHA256_TAG),
    )
