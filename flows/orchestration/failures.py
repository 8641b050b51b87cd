"""What stops a run, as a person reads it: one sentence about what happened and one about what to do."""

from __future__ import annotations

import errno
import logging
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

import asyncpg
import httpx
from botocore.exceptions import BotoCoreError, ClientError
from mlflow.exceptions import MlflowException
from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Failed
from pyarrow import ArrowException

from configuration.errors import SettingsError
from flows.errors import FlowError
from pricing.errors import PricingError

OURS: Final = (FlowError, SettingsError, PricingError)
"""Errors whose message is written for people."""

DEPENDENCIES: Final = (
    MlflowException,
    ArrowException,
    BotoCoreError,
    ClientError,
    asyncpg.PostgresError,
    httpx.HTTPError,
    BrokenProcessPool,
    MemoryError,
    OSError,
)

HANDLED: Final = (*OURS, *DEPENDENCIES)
"""What a flow ends on as Failed, with a message and without a traceback in the state."""

_SHOWN: Final = 300
_ADVICE: Final[dict[type[BaseException], tuple[str, str]]] = {
    MlflowException: (
        "MLflow refused a request",
        "Look at the run or model in MLflow, check the credentials, and run again.",
    ),
    ArrowException: (
        "The table cannot be processed",
        "The file may be damaged or of a rare type: write it again as plain CSV or Parquet.",
    ),
    BotoCoreError: ("S3 cannot be reached", "Check AWS credentials, region and AWS_ENDPOINT_URL."),
    ClientError: ("S3 refused a request", "Check the bucket's name, policy and room, and AWS credentials."),
    asyncpg.PostgresError: ("PostgreSQL refused a statement", "Check NEON_URI and the account's rights."),
    httpx.HTTPError: ("A server did not answer", "Check that it runs, and run again."),
    BrokenProcessPool: (
        "A worker process was killed, most likely for lack of memory",
        "Run again with fewer `workers`; finished parts are kept.",
    ),
    MemoryError: ("The host's memory did not suffice", "Run less at once, or on a larger host."),
    OSError: ("The system refused", "Check paths, permissions and free space, and run again."),
}


def failed(error: Exception) -> State[Any]:
    """The final state of a run that ends on `error`; what only an engineer understands goes to the log."""
    if not isinstance(error, OURS):
        get_run_logger().warning("Details of the failure", exc_info=error)
    return Failed(message=explained(error))


def explained(error: Exception) -> str:
    """The message of an error of ours; for a dependency's, what it means and what to do."""
    if isinstance(error, OURS):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full. Make room and run again."
    happened, advice = next(
        (text for kind, text in _ADVICE.items() if isinstance(error, kind)),
        ("The run failed", "See the log."),
    )
    said = " ".join(str(error).split())[:_SHOWN]
    return f"{happened} ({type(error).__name__}: {said}). {advice}"


class _Once(logging.Filter):
    """Keeps Prefect from telling an error of ours again, with its traceback, for each task it passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OURS):
            return False
        return not (record.levelno >= logging.ERROR and record.getMessage().startswith("Finished in state"))


def tell_once() -> None:
    """Let the tasks of this process leave the telling to the flow, whose state has the message."""
    log = logging.getLogger("prefect.task_runs")
    if not any(isinstance(each, _Once) for each in log.filters):
        log.addFilter(_Once())
