"""Bytes as they go over a connection, and the answers that come back."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection to a loopback port. What is sent is sent as it stands."""

    def __init__(self, port: int, *, seconds: float = 10.0, receive_buffer: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(seconds)
        self._socket.connect(("127.0.0.1", port))
        self._read = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self._socket.sendall(part)

    def end(self) -> None:
        """Send nothing more, but go on reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> Answer:
        """The next answer; EOFError where the connection ends before it is whole."""
        head = self._until(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}
        length = int(headers.get("content-length", "0"))
        while len(self._read) < length:
            self._more()
        body, self._read = self._read[:length], self._read[length:]
        return Answer(int(status.split()[1]), headers, body)

    def rest(self) -> bytes:
        """All that comes until the connection ends."""
        try:
            while True:
                self._more()
        except (EOFError, ConnectionError):
            read, self._read = self._read, b""
            return read

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._read:
            self._more()
        head, _, self._read = self._read.partition(mark)
        return head

    def _more(self) -> None:
        data = self._socket.recv(65_536)
        if not data:
            raise EOFError(self._read[:200])
        self._read += data


def statuses(data: bytes) -> list[int]:
    """The statuses of the answers in `data`, whose bodies hold no status line."""
    return [int(part[:3]) for part in data.split(b"HTTP/1.1 ")[1:]]
