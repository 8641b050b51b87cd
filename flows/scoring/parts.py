"""The scored parts of a catalogue, kept beside the output until all are there.

A run that is killed leaves its finished parts. The next run of the same job takes them over and
writes what is missing; a job of another input or another model starts over. Each file appears whole
or not at all: local ones by a rename, S3's by nature.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import fsspec
import pyarrow.parquet

from flows.scoring.catalogue import Catalogue
from flows.scoring.chunk import BAD_SCHEMA, CSV, Part, output_schema

_MANIFEST: Final = "job.json"


@dataclass(frozen=True, slots=True)
class Job:
    """What the parts are parts of."""

    catalogue: str
    identity: str
    model_version: str
    artefact_sha256: str
    output_format: str


class Parts:
    """The folder of parts of one output file."""

    def __init__(self, output: str, job: Job) -> None:
        self._files, self._output = fsspec.core.url_to_fs(output)
        self._folder = f"{self._output}.parts"
        self.job = job

    def begin(self) -> int:
        """Take over the parts that an earlier run of this job left, remove any other; how many there are."""
        manifest = f"{self._folder}/{_MANIFEST}"
        if self._files.exists(manifest) and json.loads(self._files.cat_file(manifest)) == asdict(self.job):
            return len(self._files.glob(f"{self._folder}/*.done"))
        if self._files.exists(self._folder):
            self._files.rm(self._folder, recursive=True)
        self._files.makedirs(self._folder, exist_ok=True)
        self._write(_MANIFEST, json.dumps(asdict(self.job), indent=2).encode())
        return 0

    def has(self, number: int) -> bool:
        return bool(self._files.exists(self._path(number, "done")))

    def add(self, part: Part) -> None:
        """Keep a part. Its counts are written last and mark it as whole."""
        self._write(self._name(part.number, "rows"), part.content)
        self._write(self._name(part.number, "bad"), part.bad)
        counts = {"scored": part.scored, "refused": part.refused}
        self._write(self._name(part.number, "done"), json.dumps(counts).encode())

    def counts(self, number: int) -> tuple[int, int]:
        """Rows scored and rows refused in a part."""
        counts = json.loads(self._files.cat_file(self._path(number, "done")))
        return counts["scored"], counts["refused"]

    def assemble(self, numbers: range, catalogue: Catalogue, bad_path: str) -> None:
        """Put the parts together, in order, as the output and the file of bad rows; then remove them."""
        columns = output_schema(catalogue.schema)
        if self.job.output_format == CSV:
            self._join(self._output, columns.names, numbers, "rows")
        else:
            self._join_parquet(columns, numbers)
        bad = fsspec.core.url_to_fs(bad_path)[1]
        if any(self.counts(number)[1] for number in numbers):
            self._join(bad, BAD_SCHEMA.names, numbers, "bad")
        elif self._files.exists(bad):
            self._files.rm(bad)
        self._files.rm(self._folder, recursive=True)

    def _join(self, path: str, names: Iterable[str], numbers: range, kind: str) -> None:
        header = io.StringIO()
        csv.writer(header, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(names)
        with self._whole(path) as out:
            out.write(header.getvalue().encode())
            for number in numbers:
                out.write(self._files.cat_file(self._path(number, kind)))

    def _join_parquet(self, schema: Any, numbers: range) -> None:  # noqa: ANN401 - a pyarrow schema
        with (
            self._whole(self._output) as out,
            pyarrow.parquet.ParquetWriter(out, schema, compression="zstd") as writer,
        ):
            for number in numbers:
                content = io.BytesIO(self._files.cat_file(self._path(number, "rows")))
                writer.write_table(pyarrow.parquet.read_table(content))

    def _write(self, name: str, content: bytes) -> None:
        with self._whole(f"{self._folder}/{name}") as out:
            out.write(content)

    @contextmanager
    def _whole(self, path: str) -> Iterator[Any]:
        """A file that appears under its name when it is complete."""
        if "s3" in self._files.protocol:
            with self._files.open(path, "wb") as out:
                yield out
            return
        with self._files.open(f"{path}.unfinished", "wb") as out:
            yield out
        self._files.mv(f"{path}.unfinished", path)

    def _path(self, number: int, kind: str) -> str:
        return f"{self._folder}/{self._name(number, kind)}"

    @staticmethod
    def _name(number: int, kind: str) -> str:
        return f"{number:08d}.{kind}"
