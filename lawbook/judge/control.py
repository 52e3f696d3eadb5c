"""The control socket of a zygote: JSON messages behind their length, and descriptors."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

MOST = 1 << 16  # bytes of an answer


class Control:
    """The judge's end.  What goes wrong is an OSError, ValueError for an answer that is no message."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(
        self, message: Mapping[str, object], descriptors: Sequence[int], seconds: float
    ) -> tuple[dict[str, Any], int | None]:
        """The answer, and the descriptor that came with it."""
        data = json.dumps(message).encode("ascii")
        self._connection.settimeout(seconds)
        framed = len(data).to_bytes(4, "little") + data
        sent = socket.send_fds(self._connection, [framed], descriptors)
        self._connection.sendall(framed[sent:])
        return self.hear(seconds)

    def hear(self, seconds: float) -> tuple[dict[str, Any], int | None]:
        """The next message, and the descriptor that came with it."""
        self._connection.settimeout(seconds)
        prefix, descriptors, _, _ = socket.recv_fds(self._connection, 4, 1)
        try:
            prefix += self._exactly(4 - len(prefix), bool(prefix))
            length = int.from_bytes(prefix, "little")
            answer = json.loads(self._exactly(min(length, MOST), True))
            if not isinstance(answer, dict):
                raise ValueError("an answer that is no message")
        except BaseException:
            for descriptor in descriptors:
                os.close(descriptor)
            raise
        return answer, descriptors[0] if descriptors else None

    def close(self) -> None:
        """Hang up, which ends the zygote."""
        self._connection.close()

    def _exactly(self, count: int, started: bool) -> bytes:
        data = b""
        while len(data) < count:
            more = self._connection.recv(count - len(data)) if started else b""
            if not more:
                raise ConnectionError("it ended")
            data += more
        return data
