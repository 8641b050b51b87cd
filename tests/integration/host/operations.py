"""docs/operations.md as commands: tests take what they run from the page, so that the page cannot be wrong.

A command is a line of a block of shell, or a piece of code in the text that has a space in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PAGE = PROJECT / "docs/operations.md"
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")


def commands(text: str) -> set[str]:
    """Every command of a page, without its comment."""
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    inline = [code for code in CODE.findall(re.sub(r"\s*\n\s*", " ", FENCE.sub("", text))) if " " in code]
    return {line.partition(" #")[0].strip() for line in [*lines, *inline]} - {""}


def on_page(command: str, *, where: Mapping[str, str] | None = None) -> str:
    """`command`, which stands on the page; `where` puts what there is here in the place of its examples."""
    if command not in commands(PAGE.read_text()):
        raise LookupError(f"docs/operations.md does not say: {command}")
    for example, here in (where or {}).items():
        assert example in command, f"{example} is not in {command}"
        command = command.replace(example, here)
    return command


def run_by_tests() -> dict[str, str]:
    """Commands that some test takes from the page, and the file of that test."""
    found = {}
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == on_page.__name__
            ):
                found[ast.literal_eval(node.args[0])] = str(path.relative_to(PROJECT))
    return found
