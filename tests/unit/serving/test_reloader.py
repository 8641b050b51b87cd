"""Following the alias: the new model when it is good, the old one whatever else happens."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from serving.errors import RegistryUnavailable
from serving.models.cache import ModelCache
from serving.models.loading import VersionRef
from serving.models.reloader import ActiveModel, Reloader
from tests.pace import until
from tests.serving_kit.models import FolderRegistry, write_version


def reloader(tmp_path: Path, registry: FolderRegistry | None, *, shadowing: bool = False) -> Reloader:
    return Reloader(
        registry=registry,
        cache=ModelCache(tmp_path / "models"),
        active=ActiveModel(),
        alias="production",
        poll_seconds=60,
        clock=lambda: datetime.now(UTC),
        shadowing=shadowing,
    )


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    return FolderRegistry(tmp_path / "registry")


def version(made: Reloader) -> str | None:
    return made.active.current.version if made.active.current else None


async def test_the_alias_is_followed_and_nothing_is_loaded_twice(
    tmp_path: Path, registry: FolderRegistry
) -> None:
    made = reloader(tmp_path, registry)
    registry.add("1", "production")
    await made.check()
    await made.check()
    assert (version(made), registry.downloads) == ("1", 1)
    registry.add("2", "production")
    await made.check()
    assert version(made) == "2"
    assert made.active.current is not None
    assert made.active.current.synthetic


async def test_without_a_model_the_registry_is_asked_every_second(
    tmp_path: Path, registry: FolderRegistry
) -> None:
    made = reloader(tmp_path, registry)
    made.poll_seconds = 3600
    following = asyncio.create_task(made.run())
    await until(lambda: made.state.problem == "no_version")
    registry.add("1", "production")
    await until(lambda: version(made) == "1")
    following.cancel()


async def test_a_refused_version_is_tried_once_and_again_when_its_tags_change(
    tmp_path: Path, registry: FolderRegistry
) -> None:
    made = reloader(tmp_path, registry)
    registry.add("1", "production")
    await made.check()
    registry.add("2", "production", tamper=True)
    for _ in range(3):
        await made.check()
    assert (version(made), made.state.failures["refused"], registry.downloads) == ("1", 1, 2)
    assert made.state.wanted == "2"
    registry.add("2", "production")
    registry.refs["2"] = VersionRef("m", "2", {**registry.refs["2"].tags, "mended": "yes"})
    await made.check()
    assert (version(made), made.state.last_error) == ("2", None)


async def test_a_start_outlives_a_cached_model_that_other_code_saved(tmp_path: Path) -> None:
    path = tmp_path / "unfitted.skops"
    skops_file.save(WinePriceRegressor(), path)
    cache = ModelCache(tmp_path / "models")
    folder = cache.workspace()
    cache.keep(VersionRef("m", "1", write_version(folder, artefact_bytes=path.read_bytes())), folder)
    made = reloader(tmp_path, None)
    made.start_from_cache()
    assert (version(made), made.state.failures["cache"]) == (None, 1)


async def test_a_registry_that_fails_keeps_the_model(
    tmp_path: Path, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reloader(tmp_path, registry)
    registry.add("1", "production")
    await made.check()

    def fail(*_: object) -> None:
        raise RegistryUnavailable("gone")

    monkeypatch.setattr(registry, "version_of", fail)
    await made.check()
    assert (version(made), made.state.registry_ok, made.state.problem) == ("1", False, "registry")
    assert "gone" in (made.state.last_error or "")


async def test_a_download_that_breaks_off_is_tried_again(
    tmp_path: Path, registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = reloader(tmp_path, registry)
    registry.add("1", "production")
    whole = registry.download

    def break_off(ref: VersionRef, folder: Path) -> None:
        (folder / "MLmodel").write_text("half")
        raise RegistryUnavailable("cut")

    monkeypatch.setattr(registry, "download", break_off)
    await made.check()
    assert version(made) is None
    monkeypatch.setattr(registry, "download", whole)
    await made.check()
    assert version(made) == "1"
    assert not list((tmp_path / "models").glob("incoming-*"))


async def test_the_last_good_model_is_there_without_a_registry(
    tmp_path: Path, registry: FolderRegistry
) -> None:
    registry.add("1", "production")
    await reloader(tmp_path, registry).check()
    again = reloader(tmp_path, None)
    again.start_from_cache()
    assert version(again) == "1"
    assert again.active.current is not None
    assert again.active.current.source == "cache"


async def test_a_cache_that_was_changed_is_not_served(tmp_path: Path, registry: FolderRegistry) -> None:
    registry.add("1", "production")
    await reloader(tmp_path, registry).check()
    (skops_file,) = (tmp_path / "models").glob("version-*/model.skops")
    skops_file.write_bytes(b"something else")
    again = reloader(tmp_path, registry)
    again.start_from_cache()
    assert version(again) is None
    assert again.state.failures["cache"] == 1
    await again.check()
    assert version(again) == "1"


async def test_a_candidate_shadows_only_where_that_is_asked_for(
    tmp_path: Path, registry: FolderRegistry
) -> None:
    registry.add("1", "production")
    registry.add("2", "ready_to_test")
    plain, shadowing = reloader(tmp_path / "a", registry), reloader(tmp_path / "b", registry, shadowing=True)
    await plain.check()
    await shadowing.check()
    assert plain.active.shadow is None
    assert shadowing.active.shadow is not None
    del registry.aliases["ready_to_test"]
    await shadowing.check()
    assert shadowing.active.shadow is None
