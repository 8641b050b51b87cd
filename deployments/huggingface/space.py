"""A Space as a set of files with a history, and the service that it runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import httpx
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

Files = Mapping[str, bytes]
BUSY_STAGES: Final = ("BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING")
BROKEN_STAGES: Final = ("BUILD_ERROR", "CONFIG_ERROR", "RUNTIME_ERROR", "NO_APP_FILE", "DELETING")
RELEASE_LINE: Final = "RELEASE=development"
FOLDERS: Final = ("configuration", "pricing", "serving")
SINGLE_FILES: Final = {
    "Dockerfile": "deployments/huggingface/Dockerfile",
    "README.md": "deployments/huggingface/README.md",
    "deployments/images/install-uv.sh": "deployments/images/install-uv.sh",
    "deployments/images/trim.sh": "deployments/images/trim.sh",
    "pyproject.toml": "pyproject.toml",
    "uv.lock": "uv.lock",
}

SMOKE_WINE: Final = {
    "country": "US",
    "description": "Ripe black cherry and cassis with firm tannins and a long finish.",
    "province": "California",
    "millesime": "2013",
}


@dataclass(frozen=True, slots=True)
class Space:
    """`name` is owner/space; `url` is where its service answers. The token does not print.

    `private`: the Hub lets nobody to the service who does not show the token, so it is sent along; a public
    Space never sees it.
    """

    name: str
    url: str
    api: HfApi = field(repr=False)
    private: bool = False

    def head(self) -> str:
        """The commit that the Space is at."""
        sha = self.api.space_info(self.name).sha
        if sha is None:
            raise LookupError(f"The Space {self.name} has no commit yet.")
        return sha

    def paths(self, revision: str) -> set[str]:
        return set(self.api.list_repo_files(self.name, repo_type="space", revision=revision))

    def files(self, revision: str) -> dict[str, bytes]:
        """All files of a commit, to be able to put them back."""
        folder = Path(self.api.snapshot_download(self.name, repo_type="space", revision=revision))
        return {path: (folder / path).read_bytes() for path in self.paths(revision)}

    def replace(self, files: Files, *, message: str, parent: str) -> str:
        """Make the Space hold exactly `files`, in one commit on top of `parent`; return the new commit.

        Someone else's commit in between is refused by the Hub rather than overwritten.
        """
        kept = {".gitattributes", *files}
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationDelete(path) for path in sorted(self.paths(parent) - kept)
        ]
        operations += [CommitOperationAdd(path, content) for path, content in sorted(files.items())]
        made = self.api.create_commit(
            self.name, operations, commit_message=message, repo_type="space", parent_commit=parent
        )
        return made.oid

    def busy(self) -> bool:
        """Whether somebody's files are being built or started."""
        return str(self.api.get_space_runtime(self.name).stage) in BUSY_STAGES

    def broken(self) -> str | None:
        """The Hub's word for a build or a start that failed, None while there is hope."""
        stage = self.api.get_space_runtime(self.name).stage
        return str(stage) if stage in BROKEN_STAGES else None

    def release(self) -> str | None:
        """The release that answers /health with a model, None as long as none does."""
        try:
            response = self._get("/health")
            return response.json().get("release") if response.is_success else None
        except (httpx.TransportError, json.JSONDecodeError, AttributeError):
            return None

    def waiting_rows(self) -> int:
        """Predictions that the service has answered and the database has not got: a rebuild loses them."""
        try:
            outbox = self._get("/health").json().get("outbox") or {}
        except (httpx.TransportError, json.JSONDecodeError, AttributeError):
            return 0
        rows = outbox.get("rows") if isinstance(outbox, dict) else 0
        return rows if isinstance(rows, int) else 0

    def smoke(self, api_key: str | None = None) -> str | None:
        """None if a price comes back for a wine of four fields; else what came instead."""
        headers = self._credential | ({"X-API-Key": api_key} if api_key else {})
        try:
            response = httpx.post(f"{self.url}/predict", json=SMOKE_WINE, headers=headers, timeout=30)
            price = response.json().get("prediction") if response.is_success else None
        except (httpx.TransportError, json.JSONDecodeError, AttributeError) as error:
            return f"no price: {type(error).__name__}"
        return None if isinstance(price, int | float) and price > 0 else f"no price: {response.status_code}"

    @property
    def _credential(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api.token}"} if self.private else {}

    def _get(self, path: str) -> httpx.Response:
        # a redirect to another host does not take the credential along
        return httpx.get(f"{self.url}{path}", headers=self._credential, timeout=10, follow_redirects=True)


def files_of_release(project: Path, release: str) -> dict[str, bytes]:
    """What the Space gets: its Dockerfile with the release written in, its card, the packages."""
    files = {target: (project / source).read_bytes() for target, source in SINGLE_FILES.items()}
    dockerfile = files["Dockerfile"].decode()
    if RELEASE_LINE not in dockerfile:
        raise LookupError(f"The Dockerfile has no line {RELEASE_LINE} to write the release in.")
    files["Dockerfile"] = dockerfile.replace(RELEASE_LINE, f"RELEASE={release}").encode()
    return files | {str(path): (project / path).read_bytes() for path in _sources(project)}


def _sources(project: Path) -> Iterable[PurePosixPath]:
    for folder in FOLDERS:
        for path in sorted((project / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(project))
