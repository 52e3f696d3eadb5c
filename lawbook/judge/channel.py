"""Bytes to and from one worker, under its clocks.

Everything a worker sends is untrusted.  Whatever it does, sending and taking end with bytes or with a
`TargetError` of one sentence; after a timeout or a crash the process is dead.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from typing import NoReturn

from lawbook.judge.clocks import SLICE_SECONDS, Clocks
from lawbook.judge.limits import Limits
from lawbook.judge.process import Process
from lawbook.operations import TargetError

LOADING = "loading the submission"  # what a worker is at until it has answered once


class Channel:
    """The connection to a process; `subject` is who is to blame for what happens now."""

    def __init__(self, process: Process, limits: Limits, clocks: Clocks) -> None:
        self.subject = LOADING
        self._process, self._limits, self._clocks = process, limits, clocks
        self._inbox = bytearray()
        self._next_look = time.monotonic() + SLICE_SECONDS
        self._poll = select.poll()
        self._poll.register(process.socket, select.POLLIN)
        self._poll.register(process.pipe, select.POLLIN)

    def watch(self, seconds: float, counted: bool = True) -> None:
        """Start the clocks of a call."""
        if not self._clocks.start(seconds, counted):
            self.die("timeout", self._clocks.exhausted())

    def refuse_early_words(self) -> None:
        """Nothing may have been sent since the last reply."""
        if not self._inbox and not self._poll.poll(0):  # sooner known than by a recv that fails
            return
        try:
            spoken = bool(self._inbox) or bool(self._process.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return
        except OSError:
            spoken = False
        if spoken:
            self.die("crash", "the submission sent a reply that nobody had asked for")
        self._ended()

    def send(self, message: bytes) -> None:
        connection, view = self._process.socket, memoryview(message)
        while view:
            try:
                view = view[connection.send(view) :]
            except BlockingIOError:
                self._poll.modify(connection, select.POLLOUT)
                self._wait()
                self._poll.modify(connection, select.POLLIN)
            except OSError:
                self._ended()

    def take(self, count: int) -> bytearray:
        """The next `count` bytes that it sends."""
        while len(self._inbox) < count:
            self._wait()
            most = max(1 << 16, min(count - len(self._inbox), 1 << 20))
            try:
                data = self._process.socket.recv(most)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._ended()
            self._inbox += data
        taken = self._inbox[:count]
        del self._inbox[:count]
        return taken

    def die(self, status: str, message: str) -> NoReturn:
        """End the process, for this reason."""
        self._process.kill()
        raise TargetError(status, message)

    def _wait(self) -> None:
        """Until the socket is ready: drain what is printed, watch the clocks."""
        while True:
            start = time.monotonic()
            events = dict(self._poll.poll(self._clocks.pause() * 1000))
            now = time.monotonic()
            self._clocks.waited(now - start)
            if self._process.pipe in events:
                self._drain()
            if now >= self._next_look:
                self._look_at_files()
            if self._process.socket.fileno() in events:
                if self._clocks.drips(now - start):
                    self.die("timeout", self._clocks.late(self.subject))
                return
            if self._clocks.are_due():
                self._look()

    def _drain(self) -> None:
        if not self._process.drain():
            self._poll.unregister(self._process.pipe)
        if self._process.printed > self._limits.output:
            self.die("crash", f"{self.subject} printed more than {megabytes(self._limits.output)}")

    def _look_at_files(self) -> None:
        """End a worker that fills the disk; now and then, for what it may write in between is little."""
        found = self._process.overfull(self._limits.disk, self._limits.files)
        if found:
            self.die("crash", f"{self.subject} {found}")
        self._next_look = time.monotonic() + SLICE_SECONDS

    def _look(self) -> None:
        """End a worker over its limit."""
        state = self._process.state()
        if state == "Z":  # dead, though something it started still holds the connection
            self._ended()
        complaint = self._clocks.complaint(self.subject, state)
        if complaint:
            self.die("timeout", complaint)

    def _ended(self) -> NoReturn:
        """The connection is closed: say how the process ended."""
        status = self._process.kill()
        if status is not None and os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            raise TargetError("crash", f"{self.subject} ended the process (exit code {code})")
        number = signal.SIGKILL if status is None else os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            raise TargetError("timeout", self._clocks.exhausted())
        if number == signal.SIGKILL:
            message = f"{self.subject} cut the connection, or its process was killed"
            raise TargetError("crash", message)
        raise TargetError("crash", f"{self.subject} crashed the process ({_signal_name(number)})")


def megabytes(count: int) -> str:
    """A number of bytes, for a message."""
    return f"{count / (1 << 20):g} MB"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
