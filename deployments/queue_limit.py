"""`python -m deployments.queue_limit`: of the flows that fill a host, one run at a time goes on.

They share the queue `heavy` of the pool. A limit that a person has set in Prefect stays.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from typing import Final

from deployments.prefect_api import PrefectApi, PrefectError

POOL: Final = "ec2-host"
QUEUE: Final = "heavy"
LIMIT: Final = 1


def main(env: Mapping[str, str] = os.environ) -> int:
    try:
        with closing(PrefectApi.from_env(env)) as api:
            limit = api.limit_queue(POOL, QUEUE, LIMIT)
    except PrefectError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{POOL}: {limit} of the runs of the queue {QUEUE} at a time\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
