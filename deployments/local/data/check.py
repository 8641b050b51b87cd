"""The data folder: is it there, and can a model be trained on it? Known before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deployments.local.data.sample import DATA_FILES
from deployments.local.errors import StackError
from deployments.local.settings import StackSettings
from pricing.data.cleaning import clean
from pricing.data.reviews_file import read_reviews, refuse_unfit
from pricing.errors import DataError
from pricing.synthetic.reviews import MARKER_FILE

WHERE_TO_GET: Final = (
    "Real reviews: README.md, 'Real data'. Without DATA, make up generates a synthetic sample."
)


def require_data(folder: Path) -> None:
    """Raise StackError unless the folder holds the two files, with reviews that `train` will accept."""
    if not folder.is_dir():
        raise StackError(f"DATA={folder} is not a folder. Check the path. {WHERE_TO_GET}")
    missing = [name for name in DATA_FILES if not (folder / name).is_file()]
    if missing:
        raise StackError(f"DATA={folder} has no {' and no '.join(missing)}. Put them there. {WHERE_TO_GET}")
    _require_fit(folder)


def describe(settings: StackSettings) -> str:
    """The folder in words, with the mark of synthetic data."""
    folder = settings.data_folder
    return f"{folder} (SYNTHETIC reviews)" if (folder / MARKER_FILE).exists() else str(folder)


def _require_fit(folder: Path) -> None:
    """The checks of the training flow, whose messages name the file, the line and what to do."""
    try:
        train, test = (
            clean(read_reviews((folder / name).read_bytes(), name=name)[0])[0] for name in DATA_FILES
        )
        refuse_unfit(train, test)
    except DataError as error:
        raise StackError(f"DATA={folder}: {error}") from error
    except OSError as error:
        msg = f"{error.filename or folder} cannot be read: {error.strerror}. Check its permissions."
        raise StackError(msg) from error
