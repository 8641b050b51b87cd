"""`python -m deployments.images.licences FOLDER`: under which licences the packages of each image are.

FOLDER holds the inventories that deployments/images/sbom.sh wrote. The licences are those that the packages
state in their own metadata, so they have to be installed here (`make env` installs them all).
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

KINDS: Final[Mapping[str, re.Pattern[str]]] = {
    "AGPL": re.compile(r"\bAGPL|Affero", re.IGNORECASE),
    "LGPL": re.compile(r"\bLGPL|Lesser General", re.IGNORECASE),
    "GPL or Artistic": re.compile(r"Artistic", re.IGNORECASE),
    "GPL": re.compile(r"\bGPL|General Public", re.IGNORECASE),
    "MPL": re.compile(r"\bMPL|Mozilla", re.IGNORECASE),
    "Apache": re.compile(r"Apache", re.IGNORECASE),
    "BSD": re.compile(r"\bBSD\b|\bBSD-|3-Clause", re.IGNORECASE),
    "MIT": re.compile(r"\bMIT\b|\bMIT-", re.IGNORECASE),
    "ISC": re.compile(r"\bISC\b", re.IGNORECASE),
    "PSF": re.compile(r"\bPSF|Python Software|Python License", re.IGNORECASE),
}
"""Looked for in this order: the first that a statement names is the one that asks most."""
PERMISSIVE: Final = frozenset({"Apache", "BSD", "MIT", "ISC", "PSF"})
UNKNOWN: Final = "not stated"
ELSEWHERE: Final = "not installed: for Windows"
IN_THEIR_FILES: Final = {"huey": "MIT", "skops": "MIT"}
"""By the LICENSE file in the package itself, where its metadata are silent."""
FOR_SOME_PYTHONS: Final = {
    "async-timeout": "Apache",
    "pendulum": "MIT",
    "tzdata": "Apache",
    "whenever": "MIT",
}
"""What packages state that are installed with some Pythons only: the table is the same with all of them."""


def licence_of(package: str) -> str:
    """The kind of licence that a package states."""
    if package in IN_THEIR_FILES:
        return IN_THEIR_FILES[package]
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return FOR_SOME_PYTHONS.get(package, ELSEWHERE)
    expression, text = (" ".join(found.get_all(name) or []) for name in ("License-Expression", "License"))
    classified = [each for each in found.get_all("Classifier") or [] if each.startswith("License ::")]
    for statement in (expression, " ".join(classified), text[:300]):
        for kind, pattern in KINDS.items():
            if pattern.search(statement):
                return kind
    return UNKNOWN


def packages(inventory: Path) -> list[str]:
    return sorted({part["name"] for part in json.loads(inventory.read_text())["components"]})


def table(images: Mapping[str, Iterable[str]]) -> str:
    """Markdown: a row for each kind of licence, with its packages where it asks more than a notice."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(images, 0))
    named: dict[str, set[str]] = defaultdict(set)
    for image, names in images.items():
        for name in names:
            kind = licence_of(name)
            counts[kind][image] += 1
            if kind not in PERMISSIVE:
                named[kind].add(name)
    head = ["| licence | " + " | ".join(images) + " | which |", "| --- |" + " --- |" * (len(images) + 1)]
    rows = [
        f"| {kind} | "
        + " | ".join(map(str, counts[kind].values()))
        + f" | {', '.join(sorted(named[kind]))} |"
        for kind in sorted(counts, key=lambda kind: (kind not in named, kind))
    ]
    return "\n".join([*head, *rows]) + "\n"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else "sbom")
    found = {path.name.partition(".")[0]: packages(path) for path in sorted(folder.glob("*.cdx.json"))}
    if not found:
        sys.stderr.write(f"No inventory in {folder}: write them with deployments/images/sbom.sh {folder}\n")
        return 1
    sys.stdout.write(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
