"""Everything that stops a flow with a message for the person who started it, beside `SettingsError`.

FlowError
├── TrackerUnreachable     MLflow does not answer, or refuses the credentials
├── DatabaseUnreachable    PostgreSQL does not answer, or refuses the credentials
├── DataUnavailable        the data folder or one of its files cannot be read
├── NothingUsed            of all rows of a file none can be used
├── ProductionUnusable     there is no production version that this code can load and compare with
├── NothingToRollBack      no earlier production version is known
├── ProductionChanged      another run moved the alias `production` in the meantime
└── CandidateRejected      the gate refused the candidate; carries the reasons
"""

from __future__ import annotations

from collections.abc import Sequence


class FlowError(Exception):
    """Root of the errors that flows raise."""


class TrackerUnreachable(FlowError):
    """MLflow does not answer, or refuses the credentials."""


class DatabaseUnreachable(FlowError):
    """PostgreSQL does not answer, or refuses the credentials."""


class DataUnavailable(FlowError):
    """The data folder or one of its files cannot be read."""


class NothingUsed(FlowError):
    """Of all rows of a file none can be used."""


class ProductionUnusable(FlowError):
    """There is no production version that this code can load and compare with."""


class NothingToRollBack(FlowError):
    """There is no earlier production version to go back to."""


class ProductionChanged(FlowError):
    """Another run moved the alias `production` in the meantime."""


class CandidateRejected(FlowError):
    """The gate refused the candidate. Each reason names its figures."""

    def __init__(self, version: str, reasons: Sequence[str]) -> None:
        self.version = version
        self.reasons = tuple(reasons)
        listed = "\n".join(f"- {reason}" for reason in self.reasons)
        super().__init__(f"Version {version} was not promoted; production is unchanged.\n{listed}")
