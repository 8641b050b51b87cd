from pathlib import Path

import pandas as pd

from deployments.local.data.check import require_data
from deployments.local.data.split import split_file
from pricing.data.cleaning import clean
from pricing.data.reviews_file import read_reviews
from pricing.data.split import check_disjoint
from pricing.synthetic.reviews import reviews


def test_a_file_becomes_a_folder_that_make_up_takes(tmp_path: Path) -> None:
    source = tmp_path / "all.csv"
    reviews(600, seed=3).to_csv(source, index=False)
    counts = split_file(source, tmp_path / "data")
    require_data(tmp_path / "data")
    train, test = (_cleaned(tmp_path / "data" / f"winemag-{side}.csv") for side in ("train", "test"))
    assert (len(train), len(test)) == counts
    check_disjoint(train, test)


def _cleaned(path: Path) -> pd.DataFrame:
    return clean(read_reviews(path.read_bytes(), name=path.name)[0])[0]
