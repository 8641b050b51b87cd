"""A folder of the product holds what can be seen at a glance."""

from __future__ import annotations

from collections import Counter
from typing import Final

from deployments.local.settings import PROJECT

PRODUCT: Final = ("configuration", "deployments", "flows", "pricing", "serving", "tracker")
CODE: Final = frozenset({".py", ".sh", ".js", ".css", ".html", ".sql"})
MOST: Final = 15


def test_no_folder_of_the_product_holds_more_than_fifteen_files() -> None:
    files = Counter(
        path.parent.relative_to(PROJECT)
        for folder in PRODUCT
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in CODE
    )
    assert len(files) > 20
    assert {str(folder): count for folder, count in files.items() if count > MOST} == {}
