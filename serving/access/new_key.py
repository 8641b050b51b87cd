"""`python -m serving.access.new_key NAME`: a new API key, and the entry of API_KEYS that admits it."""

from __future__ import annotations

import sys

from configuration.errors import SettingsError
from serving.access.api_keys import ApiKeys, new_key


def main(arguments: list[str]) -> int:
    name = arguments[0] if len(arguments) == 1 else ""
    key, kept = new_key()
    try:
        ApiKeys.parse(f"{name}={kept}")
    except SettingsError:
        sys.stderr.write(
            "Usage: python -m serving.access.new_key NAME   (lower-case letters, digits, . _ -; at most 40)\n"
        )
        return 2
    sys.stdout.write(f"Give this to {name}; it is shown once:\n  {key}\n")
    sys.stdout.write(f"Add this to API_KEYS (commas part the entries), and restart:\n  {name}={kept}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
