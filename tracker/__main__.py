"""`python -m tracker`: check the settings, prepare the accounts, become the MLflow server."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

from configuration.errors import SettingsError
from tracker.accounts import ensure, open_store
from tracker.server import command, environment, write_auth_config
from tracker.settings import TrackerSettings

logger = logging.getLogger("tracker")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    try:
        settings = TrackerSettings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"The tracker cannot start with these settings:\n{error}\n")
        return 2
    auth_config = write_auth_config(
        settings, Path(os.environ.get("TRACKER_STATE") or Path.home() / ".tracker")
    )
    _prepare_accounts(settings)
    return _become(command(settings), environment(settings, os.environ, auth_config))


def _prepare_accounts(settings: TrackerSettings) -> None:
    store = open_store(settings.backend_store_uri)
    for account in settings.accounts:
        logger.info("account %s, which may %s: %s", account.name, account.kind, ensure(store, account))


def _become(arguments: list[str], env: dict[str, str]) -> NoReturn:
    """Turn into the server: signals and the exit status are its own."""
    os.execve(arguments[0], arguments, env)  # noqa: S606  # a list, no shell


if __name__ == "__main__":
    sys.exit(main())
