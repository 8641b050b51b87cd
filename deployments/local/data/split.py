"""Split one file of reviews into the folder that `make up DATA=…` takes.

`python -m deployments.local.data.split winemag-data-130k-v2.csv FOLDER`: all reviews of one wine, and reviews
that repeat each other, go to one side. Rows that the cleaning drops (no price, country or vintage) are left
out.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from deployments.local.data.sample import DATA_FILES
from pricing.data.cleaning import clean
from pricing.data.reviews_file import read_reviews
from pricing.data.split import split_by_wine
from pricing.errors import DataError


def split_file(source: Path, folder: Path, *, test_share: float = 0.2, seed: int = 0) -> tuple[int, int]:
    """Write the train and test file; the numbers of their rows. Raises DataError for an unusable source."""
    reviews, _ = read_reviews(source.read_bytes(), name=source.name)
    sides = split_by_wine(clean(reviews)[0], test_share=test_share, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, side in zip(DATA_FILES, sides, strict=True):
        # All quoted: pandas would leave a text with a bare carriage return without quotes.
        reviews.loc[side.index].to_csv(folder / name, index=False, quoting=csv.QUOTE_ALL, lineterminator="\n")
    return len(sides[0]), len(sides[1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.local.data.split", description=__doc__)
    parser.add_argument("source", type=Path, help="CSV in any dialect, packed or not, in a known layout")
    parser.add_argument("folder", type=Path, help="made if it is not there")
    parser.add_argument("--test-share", type=float, default=0.2, help="share of the wines (default 0.2)")
    options = parser.parse_args()
    try:
        train, test = split_file(options.source, options.folder, test_share=options.test_share)
    except (DataError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"{train:,} reviews to train on and {test:,} to test with: make up DATA={options.folder}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
