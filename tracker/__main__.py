"""`python -m tracker`: check the settings, prepare the accounts, become the MLflow server."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tracker.accounts import UserStore, ensure_admin
from tracker.server import command, environment, write_auth_config
from tracker.settings import SettingsError, TrackerSettings

logger = logging.getLogger("tracker")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    try:
        settings = TrackerSettings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    auth_config = write_auth_config(
        settings, Path(os.environ.get("TRACKER_STATE") or Path.home() / ".tracker")
    )
    logger.info("administrator %s: %s", settings.admin_username, _prepare_accounts(settings))
    return _become(command(settings), environment(settings, os.environ, auth_config))


def _prepare_accounts(settings: TrackerSettings) -> str:
    # MLflow takes seconds to import: only once the settings are known to be good
    store: UserStore = import_module("mlflow.server.auth.sqlalchemy_store").SqlAlchemyStore()
    store.init_db(settings.backend_store_uri)
    return ensure_admin(store, settings)


def _become(arguments: list[str], env: dict[str, str]) -> NoReturn:
    """Turn into the server: signals and the exit status are its own."""
    os.execve(arguments[0], arguments, env)  # noqa: S606  # a list, no shell


if __name__ == "__main__":
    sys.exit(main())
