"""Files that appear under their name when they are complete, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole_file(files: Any, path: str) -> Iterator[Any]:  # noqa: ANN401 - a file system of fsspec, and its file
    """A file to write to, which replaces the one at `path` when the block ends without an error.

    Until then, and after an error, whatever was at `path` stays. Local files are renamed, objects in a store
    are committed: fsspec's own closing would commit what was written before an error, too.
    """
    with _local(path) if "file" in files.protocol else _committed(files, path) as out:
        yield out


@contextmanager
def _local(path: str) -> Iterator[Any]:
    unfinished = Path(f"{path}.unfinished")
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _committed(files: Any, path: str) -> Iterator[Any]:  # noqa: ANN401
    out = files.open(path, "wb", autocommit=False)
    with ExitStack() as unless_committed:
        unless_committed.callback(_discard, out)
        yield out
        out.close()
        out.commit()
        unless_committed.pop_all()


def _discard(out: Any) -> None:  # noqa: ANN401
    out.discard()  # a multipart upload is aborted, and costs nothing any more
    out.closed = True
