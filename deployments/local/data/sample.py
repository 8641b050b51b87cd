"""Write a folder of synthetic reviews: `python -m deployments.local.data.sample FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from pricing.synthetic import reviews

DATA_FILES: Final = ("winemag-train.csv", "winemag-test.csv")


def write_sample(folder: Path, *, train_rows: int = 4_000, test_rows: int = 800) -> bool:
    """Write the train and test file with their marker; False when they are there already.

    The marker comes last, so a folder with a marker is complete.
    """
    marker = folder / reviews.MARKER_FILE
    if marker.exists() and all((folder / name).exists() for name in DATA_FILES):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    drawn = reviews.sample(train_rows=train_rows, test_rows=test_rows)
    for name, table in zip(DATA_FILES, (drawn.train, drawn.test), strict=True):
        table.to_csv(folder / name, index=False)
    marker.write_text(reviews.MARKER_TEXT)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train-rows", type=int, default=4_000)
    parser.add_argument("--test-rows", type=int, default=800)
    options = parser.parse_args()
    write_sample(options.folder, train_rows=options.train_rows, test_rows=options.test_rows)


if __name__ == "__main__":
    main()
