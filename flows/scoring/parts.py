"""The scored parts of a catalogue, kept beside the output until all are there.

A run that is killed leaves its finished parts. The next run of the same job takes them over and
writes what is missing; a job of another input or another model starts over. Each file appears whole
or not at all.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import fsspec
import pyarrow as pa
import pyarrow.parquet

from flows.data.storage import files_of
from flows.data.whole_file import whole_file
from flows.scoring.chunk import BAD_COLUMNS, Counts, Part
from flows.scoring.rows import CSV

_MANIFEST: Final = "job.json"
_LAYOUT: Final = 2
"""Version of what a part holds: parts of another one are not taken over."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the parts are parts of."""

    catalogue: str
    identity: str
    model_version: str
    artefact_sha256: str
    output_format: str
    columns: Mapping[str, int] = field(default_factory=dict)
    layout: int = _LAYOUT


class Parts:
    """The folder of parts of one output file."""

    def __init__(self, output: str, job: Job) -> None:
        self._files, self._output = files_of(output)
        self._folder = f"{self._output}.parts"
        self.job = job

    def begin(self) -> int:
        """Take over the parts that an earlier run of this job left, remove any other; how many there are."""
        manifest = f"{self._folder}/{_MANIFEST}"
        if self._files.exists(manifest) and json.loads(self._files.cat_file(manifest)) == asdict(self.job):
            return len(self._files.glob(f"{self._folder}/*.done"))
        self.remove()
        self._files.makedirs(self._folder, exist_ok=True)
        self._write(_MANIFEST, json.dumps(asdict(self.job), indent=2).encode())
        return 0

    def has(self, number: int) -> bool:
        return bool(self._files.exists(self._path(number, "done")))

    def add(self, part: Part) -> None:
        """Keep a part. Its counts are written last and mark it as whole."""
        self._write(self._name(part.number, "rows"), part.content)
        self._write(self._name(part.number, "bad"), part.bad)
        self._write(self._name(part.number, "done"), json.dumps(asdict(part.counts)).encode())

    def counts(self, number: int) -> Counts:
        """What became of the rows of a part."""
        return Counts(**json.loads(self._files.cat_file(self._path(number, "done"))))

    def assemble_bad(self, numbers: range, counts: Counts, path: str) -> None:
        """Put the bad rows together; without any, a file of an earlier run is removed."""
        bad = fsspec.core.url_to_fs(path)[1]
        if counts.refused:
            self._join(bad, BAD_COLUMNS, numbers, "bad")
        elif self._files.exists(bad):
            self._files.rm(bad)

    def assemble(self, numbers: range, schema: pa.Schema) -> None:
        """Put the good rows together, in order, as the output."""
        if self.job.output_format == CSV:
            self._join(self._output, schema.names, numbers, "rows")
        else:
            self._join_parquet(schema, numbers)

    def remove(self) -> None:
        """Remove the parts."""
        if self._files.exists(self._folder):
            self._files.rm(self._folder, recursive=True)

    def _join(self, path: str, names: Iterable[str], numbers: range, kind: str) -> None:
        header = io.StringIO()
        csv.writer(header, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(names)
        with whole_file(self._files, path) as out:
            out.write(header.getvalue().encode())
            for number in numbers:
                out.write(self._files.cat_file(self._path(number, kind)))

    def _join_parquet(self, schema: Any, numbers: range) -> None:  # noqa: ANN401 - a pyarrow schema
        with (
            whole_file(self._files, self._output) as out,
            pyarrow.parquet.ParquetWriter(out, schema, compression="zstd") as writer,
        ):
            for number in numbers:
                content = io.BytesIO(self._files.cat_file(self._path(number, "rows")))
                writer.write_table(pyarrow.parquet.read_table(content).cast(schema))

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self._folder}/{name}"
        if "file" not in self._files.protocol:
            self._files.pipe_file(path, content)  # an object is there whole or not at all
            return
        with whole_file(self._files, path) as out:
            out.write(content)

    def _path(self, number: int, kind: str) -> str:
        return f"{self._folder}/{self._name(number, kind)}"

    @staticmethod
    def _name(number: int, kind: str) -> str:
        return f"{number:08d}.{kind}"
