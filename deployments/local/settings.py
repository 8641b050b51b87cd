"""Settings of the local stack, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from deployments.local.errors import StackError
from deployments.local.stack.state_folder import sockets_of

HOST: Final = "127.0.0.1"
PROJECT: Final = Path(__file__).resolve().parents[2]
DEFAULT_PORTS: Final = {"PREFECT_PORT": 4200, "MLFLOW_PORT": 5000, "SERVING_PORT": 7860}
MIN_PORT: Final = 1024
MAX_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """Where the stack keeps its state, which ports it uses, and which data it trains on.

    `data` is None for the synthetic sample. `state` holds everything the stack writes.
    """

    state: Path
    data: Path | None = None
    prefect_port: int = DEFAULT_PORTS["PREFECT_PORT"]
    mlflow_port: int = DEFAULT_PORTS["MLFLOW_PORT"]
    serving_port: int = DEFAULT_PORTS["SERVING_PORT"]

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, project: Path = PROJECT) -> StackSettings:
        """Read DATA, LOCAL_STATE and the three ports; relative paths count from the project's folder.

        Raises StackError naming the variable that is malformed.
        """
        data = env.get("DATA", "").strip()
        state = env.get("LOCAL_STATE", "").strip() or ".local"
        return cls(
            state=(project / state).resolve(),
            data=(project / Path(data).expanduser()).resolve() if data else None,
            prefect_port=_port(env, "PREFECT_PORT"),
            mlflow_port=_port(env, "MLFLOW_PORT"),
            serving_port=_port(env, "SERVING_PORT"),
        )

    def __post_init__(self) -> None:
        ports = (self.prefect_port, self.mlflow_port, self.serving_port)
        if len(set(ports)) < len(ports):
            raise StackError(
                f"PREFECT_PORT, MLFLOW_PORT and SERVING_PORT must differ, but are {ports}. "
                "Change one, for example: make up SERVING_PORT=7861"
            )

    @property
    def data_folder(self) -> Path:
        """The folder that the flows read: the user's own, or the synthetic sample."""
        return self.data or self.state / "sample"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def prefect_url(self) -> str:
        return f"http://{HOST}:{self.prefect_port}"

    @property
    def prefect_api_url(self) -> str:
        return f"{self.prefect_url}/api"

    @property
    def mlflow_url(self) -> str:
        return f"http://{HOST}:{self.mlflow_port}"

    @property
    def serving_url(self) -> str:
        return f"http://{HOST}:{self.serving_port}"

    def postgres_uri(self, database: str, *, driver: str = "postgresql") -> str:
        """Connection string through the Unix socket in `sockets`."""
        return f"{driver}://postgres@/{database}?host={quote(str(self.sockets), safe='/')}"

    @property
    def sockets(self) -> Path:
        """Folder of the Unix sockets."""
        return sockets_of(self.state)


def _port(env: Mapping[str, str], name: str) -> int:
    text = env.get(name, "").strip()
    if not text:
        return DEFAULT_PORTS[name]
    if text.isdecimal() and MIN_PORT <= int(text) <= MAX_PORT:
        return int(text)
    raise StackError(
        f"{name} is {text!r}, which is not a port from {MIN_PORT} to {MAX_PORT}. "
        f"Example: make up {name}={DEFAULT_PORTS[name] + 1}"
    )
