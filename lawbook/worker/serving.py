"""The worker's end of the socket: load the submission, then answer until the judge hangs up."""

from __future__ import annotations

import os
import socket
import types
from typing import Any, NoReturn

from .describing import describe, description
from .packing import encode
from .session import Session
from .wire import FRAME, LOADED, decode, frame_lengths


def send(connection: socket.socket, message: bytes) -> None:
    connection.sendall(message)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[Any]]:
    """The next message of the judge; ends the process when the judge is gone."""
    data = connection.recv(
        1 << 16
    )  # most messages are complete in this; the judge sends one at a time
    while len(data) < FRAME.size:
        data += exactly(connection, FRAME.size - len(data))
    header, payload = frame_lengths(data[: FRAME.size])
    missing = FRAME.size + header + payload - len(data)
    if missing:
        data += exactly(connection, missing)
    end = FRAME.size + header
    return decode(data[FRAME.size : end], data[end:])


def exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes; ends the process when the other side is gone."""
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        received = connection.recv_into(view)
        if received == 0:
            os._exit(0)
        view = view[received:]
    return bytes(buffer)


def serve(connection: socket.socket, adapter: types.ModuleType, root: str) -> NoReturn:
    """Load the submission, say how that went, then answer until the judge hangs up."""
    try:
        session = Session(adapter, root)
        message = encode({"id": LOADED, "more": False, "error": None}, description(session.loaded))
    except BaseException as error:
        failure = ["error", describe(error, root)]
        send(connection, encode({"id": LOADED, "more": False, "error": failure}, []))
        os._exit(0)
    send(connection, message)
    while True:
        head, values = receive(connection)
        for reply in session.answer(head, values):
            send(connection, reply)
