"""What a connection is doing and since when: its pool asks every second, to end what takes too long."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class WatchedProtocol(HttpToolsProtocol):
    """One connection. Times are those of the monotonic clock."""

    reading_since: float | None = None
    """Since when the present request, or the first of a new connection, has not come in whole."""
    answered_at: float = 0.0
    writing_since: float | None = None
    closing_since: float | None = None
    unread: int = 0
    head_bytes: int = 0

    @property
    def state(self) -> str:
        """What the connection is doing, for the metrics."""
        if self.unread:
            return "writing"
        if not self._is_answered() and self.reading_since is None:
            return "answering"
        return "reading" if self.reading_since is not None else "idle"

    def reads_since(self, limit: float) -> bool:
        """Whether the present request began before `limit` and has not come in whole."""
        return self.reading_since is not None and self.reading_since < limit

    def idle_since(self, silent: float) -> float | None:
        """Since when it has been waiting for a request, if at `silent` it already was."""
        if self.reading_since is None:
            return self.answered_at if self._is_answered() and not self.unread else None
        is_new = self.cycle is None and self.head_bytes == 0
        return self.reading_since if is_new and self.reading_since < silent else None

    def unread_bytes(self, now: float) -> int:
        """Bytes that the client has not taken yet. Note since when they have not become half as many."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self.writing_since = None
        elif self.writing_since is None or size <= self.unread // 2:
            self.writing_since, self.unread = now, size
        self.unread = size and self.unread
        if self.closing_since is None and self.transport.is_closing():
            self.closing_since = now
        return size

    def writes_since(self, limit: float) -> bool:
        """Whether the client has read nothing to speak of, or nothing of the last words, since `limit`."""
        return any(since is not None and since < limit for since in (self.writing_since, self.closing_since))

    def resume_writing(self) -> None:
        self.writing_since = None
        super().resume_writing()

    def _is_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete
