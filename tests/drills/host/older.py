"""A release on an older MLflow and Prefect: this one, with what those two did not have yet taken away."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.drills.host.conftest import PROJECT
from tests.drills.host.machine import copy_tree

MLFLOW, OLDER_MLFLOW = "3.17.2", "3.15.2"
PREFECT, OLDER_PREFECT = "3.8.8", "3.8.4"
PACKAGES = {
    rf"=={re.escape(MLFLOW)}": f"=={OLDER_MLFLOW}",
    rf"prefect=={re.escape(PREFECT)}": f"prefect=={OLDER_PREFECT}",
    r"pandas>=3\.0,<3\.1": "pandas>=2.3,<3",  # all that this MLflow allows
}
SOURCES = {
    "deployments/ec2/files/prefect.env": {",orphans": ""},  # not known to this Prefect
    "tracker/server.py": {  # this MLflow takes the administrator's password from its file alone
        "admin_username = {admin_username}\n": "admin_username = {admin_username}\nadmin_password = {word}\n",
        "admin_username=settings.admin_username,\n":
            "admin_username=settings.admin_username, word=settings.admin_password,\n",
    },
}  # fmt: skip


def write_older_release(target: Path, folder: Path) -> None:
    """Write its tree to `target`, with a lock of its own that is made in `folder`."""
    _lock(folder)
    copy_tree(PROJECT, target)
    for name in ("pyproject.toml", "uv.lock"):
        (target / name).write_bytes((folder / name).read_bytes())
    for name, changes in SOURCES.items():
        text = (target / name).read_text()
        for new, old in changes.items():
            assert new in text, new
            text = text.replace(new, old)
        (target / name).write_text(text)


def _lock(folder: Path) -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    for new, old in PACKAGES.items():
        assert re.search(new, text), new
        text = re.sub(new, old, text)
    (folder / "pyproject.toml").write_text(text)
    (folder / "uv.lock").write_bytes((PROJECT / "uv.lock").read_bytes())
    subprocess.run(["uv", "lock", "--quiet", "--project", folder], check=True)
