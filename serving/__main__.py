"""`python -m serving`: the service, with its settings from the environment."""

from __future__ import annotations

import logging
import os
import sys

from configuration.errors import SettingsError
from configuration.without_effect import said
from serving.app import create_app
from serving.http.server import server
from serving.observability import logs
from serving.settings import ServingSettings, known_settings
from serving.state_folder import check_state_folder

log = logging.getLogger("serving")


def main() -> int:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # scoring is inline: threads would get in each other's way
    try:
        settings = ServingSettings.from_env()
        app = create_app(settings)
        check_state_folder(settings.serving_state_dir)
    except SettingsError as error:
        problems = "".join(f"  {problem}\n" for problem in error.problems)
        sys.stderr.write(f"The service cannot start:\n{problems}See docs/settings.md.\n")
        return 2
    logs.configure(settings.log_level)
    for name, wrong, todo in said(os.environ, known_settings()):
        log.warning("%s %s. %s", name, wrong, todo)
    running = server(app, settings, app.state.service.connections)
    running.run()
    return 0 if running.started else 1


if __name__ == "__main__":
    sys.exit(main())
