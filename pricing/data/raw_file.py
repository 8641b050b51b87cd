"""The bytes of a text file, packed or not; what is no text is refused with advice that fits it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import IO, Final, cast

from pricing.errors import DataError

Opener = Callable[[], AbstractContextManager[IO[bytes]]]

BLOCK: Final = 1 << 20

_HEAD: Final = 64
_AS_CSV: Final = "In Excel or LibreOffice choose Save As, 'CSV UTF-8', and give that file."
_BROKEN: Final = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile)
_ZIP: Final = b"PK\x03\x04"
_PACKED: Final[dict[bytes, tuple[str, Callable[[IO[bytes]], IO[bytes]]]]] = {
    b"\x1f\x8b": ("gzip", lambda file: cast("IO[bytes]", gzip.GzipFile(fileobj=file))),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ\x00": ("xz", lzma.LZMAFile),
}
_FOREIGN: Final = {
    b"\xd0\xcf\x11\xe0": ("an Excel workbook (.xls), not a text file", _AS_CSV),
    b"PAR1": ("Parquet", "Only catalogues are read as Parquet: name it .parquet, or save it as CSV."),
    b"ARROW1": ("an Arrow file", "Save it as CSV or Parquet."),
    b"%PDF": ("a PDF", "Ask for the same as CSV."),
    b"SQLite format 3": ("an SQLite database", "Export the table as CSV."),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "Unpack it, or pack it as .gz or .zip."),
    b"version https://git-lfs": ("a pointer of Git LFS, not the file", "Fetch the file: git lfs pull"),
}
_MARKUP: Final = (b"<!doctype", b"<html", b"<?xml")


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of text. `open` gives its bytes as they are stored, from the beginning, as often as asked."""

    name: str
    open: Opener

    def blocks(self) -> Iterator[bytes]:
        """Its bytes, unpacked (gzip, bzip2, xz, a zip of one file). Raises DataError for what is no text."""
        with self.open() as stored:
            file, packing = self._unpacked(stored)
            try:
                while block := file.read(BLOCK):
                    yield block
            except _BROKEN as error:
                raise self._broken(packing, error) from error

    def _unpacked(self, stored: IO[bytes]) -> tuple[IO[bytes], str]:
        head = stored.read(_HEAD)
        stored.seek(0)
        self._refuse_foreign(head)
        if head.startswith(_ZIP):
            return self._of_zip(stored), "zip"
        for magic, (packing, unpack) in _PACKED.items():
            if head.startswith(magic):
                return unpack(stored), packing
        return stored, ""

    def _refuse_foreign(self, head: bytes) -> None:
        for magic, (kind, advice) in _FOREIGN.items():
            if head.startswith(magic):
                raise DataError(f"{self.name} is {kind}. {advice}")
        start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
        if start.lower().startswith(_MARKUP):
            raise DataError(
                f"{self.name} is a web page or XML, not CSV: perhaps the page of a login or an error. "
                "Download the file itself."
            )
        if start.startswith((b"{", b'["', b"[{")):
            raise DataError(
                f"{self.name} is JSON, not CSV. Save it as CSV, for example with pandas: "
                f"pandas.read_json('{self.name}').to_csv('wines.csv', index=False)"
            )

    def _of_zip(self, stored: IO[bytes]) -> IO[bytes]:
        try:
            archive = zipfile.ZipFile(stored)
            names = archive.namelist()
            if "[Content_Types].xml" in names or "mimetype" in names:
                raise DataError(f"{self.name} is a spreadsheet (.xlsx or .ods), not a text file. {_AS_CSV}")
            files = [name for name in names if not name.endswith("/") and not name.startswith("__MACOSX/")]
            if len(files) != 1:
                listed = ", ".join(files[:5]) or "no file"
                raise DataError(
                    f"{self.name} is a zip of {len(files)} files ({listed}). Unpack it and give one."
                )
            return archive.open(files[0])
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise self._broken("zip", error) from error

    def _broken(self, packing: str, error: Exception) -> DataError:
        return DataError(f"{self.name} is a broken or cut {packing} file ({error}). Download it again.")


def of_bytes(content: bytes, name: str) -> RawFile:
    """A file that is in memory."""

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        yield io.BytesIO(content)

    return RawFile(name, opened)
