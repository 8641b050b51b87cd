"""LightGBM's C library, with the OpenMP runtime that it needs.

LightGBM's wheels for Linux ask the system for `libgomp.so.1`, which a bare machine lacks. scikit-learn's
wheel brings that library, but under a name of its own: auditwheel adds a hash to the file's name and to the
name recorded inside (SONAME), so the loader does not take it for what LightGBM asks for. A copy under the
plain name, in memory, it does.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pricing.errors import ArtefactError

OPENMP: Final = b"libgomp.so.1"


@cache
def load_lightgbm() -> ctypes.CDLL:
    """The C library. The Python package `lightgbm` can be imported afterwards, too.

    Raises ArtefactError when LightGBM is not installed or lacks a library of the system.
    """
    spec = find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise ArtefactError("LightGBM is not installed. Create the environment from the lock: uv sync.")
    package = Path(spec.origin).parent
    _load_openmp(package.parent)
    try:
        library = ctypes.CDLL(str(next(package.glob("lib/lib_lightgbm.*"))))
    except OSError as error:
        raise ArtefactError(
            f"LightGBM cannot be loaded ({error}). Install the OpenMP runtime: apt install libgomp1 on "
            "Debian and Ubuntu, dnf install libgomp on Fedora, brew install libomp on macOS."
        ) from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _load_openmp(packages: Path) -> None:
    """Load the runtime that a wheel in `packages` brings.

    Where no wheel brings one (other systems than Linux), or the kernel allows no code from memory, nothing
    is loaded and the system's own runtime has to do.
    """
    for path in sorted(packages.glob("*.libs/libgomp-*.so*")):
        with suppress(OSError), _in_memory(_renamed(path)) as copy:
            ctypes.CDLL(copy)
            return


def _renamed(path: Path) -> bytes:
    """The library with the plain name inside, and zeros to the length of the old one."""
    name = path.name.encode() + b"\0"
    return path.read_bytes().replace(name, OPENMP.ljust(len(name), b"\0"))


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Path, inside the `with`, of a file that has no place on disk; what is mapped of it stays."""
    with os.fdopen(os.memfd_create(OPENMP.decode()), "wb") as file:
        file.write(content)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"
