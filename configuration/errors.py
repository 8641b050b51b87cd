"""The one error for settings that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self


class Problem(NamedTuple):
    """A setting, what is wrong with it (never its value where that may be secret), and one that would do."""

    name: str
    reason: str
    example: str = ""

    def __str__(self) -> str:
        hint = f". Example: {self.name}={self.example}" if self.example else "."
        return f"{self.name}: {self.reason.removesuffix('.')}{hint}"


class SettingsError(Exception):
    """Settings are missing or malformed. Carries every offending one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def of(cls, name: str, reason: str, example: str = "") -> Self:
        """The error for one setting."""
        return cls([Problem(name, reason, example)])

    @property
    def names(self) -> list[str]:
        """The offending settings."""
        return [problem.name for problem in self.problems]
