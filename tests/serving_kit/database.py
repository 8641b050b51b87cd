"""A database in memory: what it takes in, and what it refuses, as a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Rule = Callable[[list[dict[str, Any]]], Exception | None]


@dataclass
class FakeDatabase:
    """Stands in for `serving.prediction_log.database.Database`. `rule` sees the rows of every INSERT."""

    rule: Rule = lambda _: None
    reachable: bool = True
    rows: list[dict[str, Any]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    migrations: int = 0
    address: str = "db.internal/wine"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[FakeDatabase]:
        if not self.reachable:
            raise ConnectionRefusedError(111, "refused")
        yield self

    async def answers(self) -> bool:
        return self.reachable

    async def execute(self, statement: str, *values: str) -> None:
        if statement.startswith("INSERT INTO wine_serving_migrations"):
            self.migrations += 1
        elif statement.startswith("INSERT"):
            self.sizes.append(len(values[0]))
            self._insert(json.loads(values[0]))

    async def fetch(self, *_: object) -> Sequence[dict[str, str]]:
        return []

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        error = self.rule(rows)
        if error is not None:
            raise error
        self.batches.append(len(rows))
        known = {row["id"] for row in self.rows}
        self.rows += [row for row in rows if row["id"] not in known]

    @property
    def ids(self) -> list[int]:
        return [row["id"] for row in self.rows]
