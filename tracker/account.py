"""`python -m tracker.account NAME --may read|write`: make an account of the tracker, or renew its password.

`read` is for services (models and nothing else), `write` for flows and colleagues (runs and models, but
no users). The password is made here and printed once; BACKEND_STORE_URI names the tracker's database.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
from collections.abc import Sequence
from typing import Final

from tracker.accounts import Account, ensure, open_store
from tracker.settings import FLOWS, SERVICE, with_driver

NAME: Final = re.compile(r"[a-z][a-z0-9-]{2,39}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tracker.account", description=__doc__)
    parser.add_argument("name", help="small letters, digits and dashes")
    parser.add_argument("--may", choices=("read", "write"), required=True)
    options = parser.parse_args(arguments)
    uri = os.environ.get("BACKEND_STORE_URI")
    if not uri:
        sys.stderr.write("BACKEND_STORE_URI is not set: the tracker's PostgreSQL URI\n")
        return 2
    reserved = {FLOWS, SERVICE, os.environ.get("MLFLOW_AUTH_ADMIN_USERNAME") or "admin"}
    if options.name in reserved or not NAME.fullmatch(options.name):
        sys.stderr.write(
            f"{options.name!r} is no name for an account: take small letters, digits and dashes, and none of "
            f"{', '.join(sorted(reserved))}, whose passwords are settings. Example: shop-reader\n"
        )
        return 2
    password = secrets.token_urlsafe(24)
    done = ensure(open_store(with_driver(uri)), Account(options.name, password, options.may))
    sys.stdout.write(
        f"{done} {options.name}, which may {options.may}. Its password, shown once:\n{password}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
