"""`python -m deployments.ec2.schema heads|upgrade|downgrade [NAME=REVISION…]`: the databases' schemas.

heads      the revisions that this environment's MLflow and Prefect work with, as NAME=REVISION
upgrade    migrate what is older; exit code 3, and nothing done, where a database is newer
downgrade  take each schema back to the revision given: done by the newer environment, for an older one

Settings are those of the services: BACKEND_STORE_URI and PREFECT_API_DATABASE_CONNECTION_URL.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from tracker.settings import with_driver

NEWER: Final = 3


class NewerDatabase(Exception):
    """A database has a revision that this environment does not know."""


@dataclass(frozen=True, slots=True)
class Schema:
    """`scripts` is Alembic's folder in the installed package, `versions` where its migrations lie."""

    name: str
    scripts: Path
    versions: Path
    table: str
    url: str = field(repr=False)

    @property
    def head(self) -> str:
        return str(self._directory().get_current_head())

    def current(self) -> str | None:
        """The database's revision, None as long as no server has made its tables."""
        engine = sqlalchemy.create_engine(self.url)
        try:
            with engine.connect() as connection:
                if not sqlalchemy.inspect(connection).has_table(self.table):
                    return None
                found = connection.execute(sqlalchemy.text(f"SELECT version_num FROM {self.table}"))  # noqa: S608
                return str(found.scalar_one())
        finally:
            engine.dispose()

    def knows(self, revision: str) -> bool:
        try:
            return self._directory().get_revision(revision) is not None
        except CommandError:
            return False

    def config(self) -> Config:
        """Alembic's configuration; Prefect's migrations take the address from Prefect's own settings."""
        made = Config()
        made.set_main_option("script_location", str(self.scripts))
        made.set_main_option("version_locations", str(self.versions))
        made.set_main_option("path_separator", "os")
        made.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        return made

    def _directory(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())


def schemas(env: Mapping[str, str]) -> list[Schema]:
    """MLflow's, that of its accounts (in the same database), and Prefect's."""
    tracker = with_driver(env["BACKEND_STORE_URI"])
    prefect = env["PREFECT_API_DATABASE_CONNECTION_URL"].replace("+asyncpg", "+psycopg2", 1)
    mlflow, server = _package("mlflow"), _package("prefect") / "server/database/_migrations"
    runs, accounts = mlflow / "store/db_migrations", mlflow / "server/auth/db/migrations"
    return [
        Schema("mlflow", runs, runs / "versions", "alembic_version", tracker),
        Schema("accounts", accounts, accounts / "versions", "alembic_version_auth", tracker),
        Schema("prefect", server, server / "versions/postgresql", "alembic_version", prefect),
    ]


def upgrade(each: Iterable[Schema]) -> list[str]:
    """Bring every database to this environment's revisions; what was done. Raises NewerDatabase."""
    found = [(schema, schema.current()) for schema in each]
    for schema, current in found:
        if current is not None and not schema.knows(current):
            raise NewerDatabase(f"{schema.name} has revision {current}, which is newer than this release")
    done = []
    for schema, current in found:
        if current not in (None, schema.head):
            _migrate(partial(command.upgrade, schema.config(), "head"))
            done.append(f"{schema.name}: {current} → {schema.head}")
    return done


def downgrade(each: Iterable[Schema], targets: Mapping[str, str]) -> list[str]:
    """Take each database back to its target; what was done."""
    done = []
    for schema in each:
        current, target = schema.current(), targets.get(schema.name)
        if current is not None and target is not None and current != target:
            _migrate(partial(command.downgrade, schema.config(), target))
            done.append(f"{schema.name}: {current} → {target}")
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.ec2.schema", description=__doc__)
    parser.add_argument("what", choices=("heads", "upgrade", "downgrade"))
    parser.add_argument("targets", nargs="*", metavar="NAME=REVISION")
    options = parser.parse_args(arguments)
    found = schemas(os.environ)
    if options.what == "heads":
        sys.stdout.write(" ".join(f"{schema.name}={schema.head}" for schema in found) + "\n")
        return 0
    try:
        done = (
            upgrade(found)
            if options.what == "upgrade"
            else downgrade(found, dict(target.split("=", 1) for target in options.targets))
        )
    except NewerDatabase as error:
        sys.stderr.write(f"{error}\n")
        return NEWER
    sys.stdout.write("".join(f"{line}\n" for line in done))
    return 0


def _migrate(migration: Callable[[], None]) -> None:
    """Prefect's migrations want to be run from a worker thread of an event loop."""
    anyio.run(anyio.to_thread.run_sync, migration)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed in this environment")
    return Path(spec.origin).parent


if __name__ == "__main__":
    sys.exit(main())
