"""Inserts rows, and finds out which of them the database refuses for reasons of their own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

import asyncpg

from serving.prediction_log.database import Database
from serving.prediction_log.faults import Fault, fault_of, sqlstate
from serving.prediction_log.outbox import QueuedRow, RefusedRow
from serving.prediction_log.records import KINDS, insert_statement

log = logging.getLogger(__name__)

_STATEMENTS: Final = {kind: insert_statement(kind) for kind in KINDS}


class Publisher:
    """Sends rows to their tables, one transaction for the rows of a kind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, rows: Sequence[QueuedRow]) -> list[RefusedRow]:
        """Insert rows that are not there yet; those that are refused, whatever company they are in.

        Raises what the database or the network raises where it is not a row's fault.
        """
        refused: list[RefusedRow] = []
        for kind, alike in groupby(sorted(rows, key=attrgetter("kind")), key=attrgetter("kind")):
            if kind in _STATEMENTS:
                await self._insert(kind, list(alike), refused)
            else:
                refused += [
                    RefusedRow(row, "", f"This release knows no rows of kind {kind}") for row in alike
                ]
        return refused

    async def _insert(self, kind: str, rows: Sequence[QueuedRow], refused: list[RefusedRow]) -> None:
        """Where the database refuses some for their own reason, halve the batch until they stand alone."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(_STATEMENTS[kind], json_array(rows))
        except asyncpg.PostgresError as error:
            if fault_of(error) is not Fault.ROW:
                raise
            if len(rows) == 1:
                refused.append(refusal(rows[0], error))
                return
            middle = len(rows) // 2
            await self._insert(kind, rows[:middle], refused)
            await self._insert(kind, rows[middle:], refused)


def refusal(row: QueuedRow, error: Exception) -> RefusedRow:
    """A row with the reason why it is a dead letter, which is logged without what the row holds."""
    code = sqlstate(error) or type(error).__name__
    log.warning("A %s row cannot be published (%s); it is kept as a dead letter", row.kind, code)
    return RefusedRow(row, code, str(error)[:2_000])


def json_array(rows: Sequence[QueuedRow]) -> str:
    """Rows, each a JSON object, as one JSON array."""
    return (b"[" + b",".join([row.payload for row in rows]) + b"]").decode()
