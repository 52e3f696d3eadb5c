"""The worker: the process in which a submission runs, and the wire format it shares with the judge.

This file stands alone on purpose (NumPy and the standard library; it never imports ``lawbook``), so
that it can run under any interpreter by its path. It has three parts, in this order:

* the **wire format**: an 8-byte frame header ``<u32 header length><u32 payload length>``, a JSON
  header, raw little-endian array bytes. Nothing in it can name a type or run code. The judge
  imports it from here, so there is one definition.
* the **worker**: limits itself, loads a submission through an *adapter* and serves calls until its
  socket closes.
* the **zygote**: a process that is exec'd by the judge, imports NumPy once and forks a worker on
  request. It never runs code of a submission, and holds nothing of the judge.

An adapter is a Python file with ``load(root: str)``, which returns an object with the attributes
``operations`` (name -> class), ``errors`` (name -> one sentence why it could not be loaded),
``notes`` (list of sentences) and ``profile`` (a name or None). It may also define ``seed(n: int)``
and ``draw() -> float``.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.machinery
import inspect
import json
import math
import os
import random
import resource
import signal
import socket
import struct
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

# --- the wire format ------------------------------------------------------------------------------

FRAME = struct.Struct("<II")
MAX_HEADER = 1 << 20  # bytes
MAX_PAYLOAD = 64 << 20  # bytes
MAX_VALUE = 56 << 20  # bytes of the arrays in one value: it fits a message that is not `full`
MAX_TEXT = 1000  # characters of a string that is a value
MAX_MESSAGE = 300  # characters of a sentence about a failure
FAILED = "failed"  # the first of the three strings that stand for a failed call among results
MAX_ITEMS = 10_000  # entries of one list or tuple
MAX_DEPTH = 6  # four levels of a target's own lists inside the two that an echoed call adds
MAX_DIMENSIONS = 8
DTYPES = frozenset({"<f8", "<f4", "<i8", "<i4", "|b1", "|u1"})


_json = json.JSONEncoder(separators=(",", ":")).encode


class WireError(Exception):
    """A value that may not cross the wire, or bytes that are no legal message.

    From the encoder the text is a noun phrase ("an object array; expected numbers"), ready for
    "train returned ...".
    """


def _with_article(name: str) -> str:
    name = name[:60]
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def _plain_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same numbers in one of `DTYPES`; WireError where float64 or int64 cannot hold them."""
    if array.ndim > MAX_DIMENSIONS:
        raise WireError(
            f"an array of {array.ndim} dimensions; at most {MAX_DIMENSIONS} are allowed"
        )
    if array.nbytes > MAX_VALUE:
        raise WireError(f"an array of {array.nbytes} bytes; at most {MAX_VALUE} are allowed")
    if array.dtype.str in DTYPES:
        return array
    wanted = array.dtype.newbyteorder("<")
    if wanted.str not in DTYPES:
        if array.dtype.kind not in "fiu":
            name = array.dtype.name if array.dtype.kind in "cO" else "non-numeric"
            raise WireError(f"{_with_article(name)} array; expected numbers")
        wanted = np.dtype("<f8" if array.dtype.kind == "f" else "<i8")
        with np.errstate(all="ignore"):
            converted = array.astype(wanted)
            same = (converted.astype(array.dtype) == array) | (array != array)
        if not bool(np.all(same)) or (array.dtype.kind == "u" and bool(np.any(converted < 0))):
            raise WireError(
                f"{_with_article(array.dtype.name)} array that {wanted.name} cannot hold exactly"
            )
        array = converted
    return array.astype(wanted, copy=False)


class Packer:
    """Collects the values of one message.

    `size` and `payload` are the bytes so far. A failed `add` leaves the packer as it was.
    """

    def __init__(self) -> None:
        self.size = 0
        self.payload = 0
        self._entries: list[str] = []
        self._blocks: list[bytes] = []

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        """Whether to send this before another value is added, of which any legal one still fits."""
        return self.payload > MAX_PAYLOAD // 16 or self.size > MAX_HEADER // 4

    def add(self, value: object) -> None:
        """Append one value. Raises WireError, with a noun phrase, if it may not cross the wire."""
        blocks: list[bytes] = []
        entry = self._entry(value, blocks, 0)
        payload = sum(map(len, blocks))
        if len(entry) > MAX_HEADER // 2:
            raise WireError("more separate values than one message holds")
        if payload > MAX_VALUE:
            raise WireError(f"arrays of {payload} bytes; at most {MAX_VALUE} are allowed")
        self._entries.append(entry)
        self._blocks.extend(blocks)
        self.size += len(entry) + 1
        self.payload += payload

    def _entry(self, value: object, blocks: list[bytes], depth: int) -> str:
        """The value as JSON text; arrays also go to the blocks."""
        if type(value) is np.ndarray:
            array = _plain_array(value)
            blocks.append(array.tobytes())
            return f'["a","{array.dtype.str}",{list(array.shape)}]'
        if isinstance(value, np.generic):
            value = self._scalar(value)
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            number = int(value)
            if not -(1 << 63) < number < 1 << 63:
                raise WireError("an integer of more than 63 bits")
            return str(number)
        if isinstance(value, float):
            return f'["f","{float(value).hex()}"]'
        if isinstance(value, str):
            return _json(self._text(value))
        if isinstance(value, (list, tuple)):
            if depth == MAX_DEPTH:
                raise WireError("lists nested too deeply")
            if len(value) > MAX_ITEMS:
                raise WireError(
                    f"{_with_article(type(value).__name__)} of {len(value)} entries; use an array"
                )
            kind = "t" if isinstance(value, tuple) else "l"
            items = [self._entry(item, blocks, depth + 1) for item in value]
            return f'["{kind}",[{",".join(items)}]]'
        raise WireError(f"{_with_article(type(value).__name__)}; expected numbers")

    @staticmethod
    def _scalar(value: np.generic) -> object:
        """A NumPy scalar as a Python number, where float64 or int64 holds it exactly."""
        return str(value) if value.dtype.kind == "U" else _plain_array(np.asarray(value)).item()

    @staticmethod
    def _text(value: str) -> str:
        if len(value) > MAX_TEXT:
            raise WireError(f"a string of {len(value)} characters; at most {MAX_TEXT} are allowed")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise WireError("a string with half a character in it")
        return str(value)

    def frame(self, **head: object) -> bytes:
        """The whole message: frame header, JSON header (`head` and the values), payload."""
        start = _json(head)[:-1]
        comma = "," if head else ""
        header = f'{start}{comma}"values":[{",".join(self._entries)}]}}'.encode("ascii")
        if len(header) > MAX_HEADER or self.payload > MAX_PAYLOAD:
            raise WireError("more than one message holds")
        return b"".join((FRAME.pack(len(header), self.payload), header, *self._blocks))


def encode(head: Mapping[str, object], values: Iterable[object]) -> bytes:
    """One message: `head` (JSON data, without the key "values") and a list of values.

    A value is None, a bool, an integer below 2**63 in size, a float (NaN and infinities too), a
    string of at most 1000 characters, a list or tuple of values, or a real array of at most 8
    dimensions. NumPy scalars become Python ones. Raises WireError for anything else.
    """
    packer = Packer()
    for value in values:
        packer.add(value)
    return packer.frame(**head)


def frame_lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """(header, payload) lengths from the first 8 bytes of a message; WireError if too large."""
    if len(prefix) != FRAME.size:
        raise WireError("a frame header of the wrong length")
    header, payload = FRAME.unpack(prefix)
    if header > MAX_HEADER or payload > MAX_PAYLOAD:
        raise WireError("an oversize message")
    return int(header), int(payload)


def decode(
    header: bytes | bytearray, payload: bytes | bytearray
) -> tuple[dict[str, Any], list[Any]]:
    """The head (without "values") and the values of a message.

    Strict: every byte must be accounted for. Arrays are fresh, writable and aligned. Whatever the
    bytes, this returns legal values or raises WireError. Entries of the head are plain JSON data,
    to be checked by the caller.
    """
    try:
        head = json.loads(header.decode("ascii"), parse_float=_refuse, parse_constant=_refuse)
        if type(head) is not dict or type(head.get("values")) is not list:
            raise WireError("a header that is no message")
        reader = _Reader(payload)
        values = [reader.value(entry, 0) for entry in head.pop("values")]
        if reader.position != len(payload):
            raise WireError("stray bytes after the last array")
    except WireError:
        raise
    except (
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise WireError(f"a malformed header ({type(error).__name__})") from None
    return head, values


def _refuse(text: str) -> NoReturn:
    raise WireError("a bare floating-point number in a header")


class _Reader:
    """Turns header entries into values, taking array bytes from the payload one after another."""

    def __init__(self, payload: bytes | bytearray) -> None:
        self.payload = payload
        self.position = 0

    def value(self, entry: object, depth: int) -> object:
        if entry is None or type(entry) is bool:
            return entry
        if type(entry) is int and -(1 << 63) < entry < 1 << 63:
            return entry
        if type(entry) is str and len(entry) <= MAX_TEXT:
            entry.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
            return entry
        if type(entry) is not list or not entry:
            raise WireError("an illegal value")
        kind, *rest = entry
        if kind == "f" and len(rest) == 1 and type(rest[0]) is str and len(rest[0]) < 40:
            return float.fromhex(rest[0])
        if kind == "a" and len(rest) == 2:
            return self._array(rest[0], rest[1])
        if (
            kind in ("l", "t")
            and len(rest) == 1
            and type(rest[0]) is list
            and len(rest[0]) <= MAX_ITEMS
        ):
            if depth == MAX_DEPTH:
                raise WireError("values nested too deeply")
            items = [self.value(item, depth + 1) for item in rest[0]]
            return items if kind == "l" else tuple(items)
        raise WireError("an illegal value")

    def _array(self, code: object, shape: object) -> np.ndarray[Any, Any]:
        if type(code) is not str or code not in DTYPES or type(shape) is not list:
            raise WireError("an illegal array")
        if len(shape) > MAX_DIMENSIONS or any(
            type(n) is not int or not 0 <= n <= MAX_PAYLOAD for n in shape
        ):
            raise WireError("an illegal array shape")
        dtype = np.dtype(code)
        count = math.prod(shape)
        size = count * dtype.itemsize
        if size > len(self.payload) - self.position:
            raise WireError("an array larger than its bytes")
        if count == 0:
            return np.empty(shape, dtype)
        flat = np.frombuffer(self.payload, dtype, count, self.position)
        if code == "|b1" and int(flat.view(np.uint8).max()) > 1:
            raise WireError("a Boolean that is neither 0 nor 1")
        self.position += size
        return flat.reshape(shape).copy()


# --- the worker -----------------------------------------------------------------------------------

READY, LOADED = 0, 1  # ids of what a worker sends unasked: limits are on; submission is loaded
SOCKET = 3  # the worker's file descriptor for the judge
FLUSH_SECONDS = 0.1  # a batch that lasts longer is answered in parts: the judge times each
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 36, 38


def prctl(option: int, value: int) -> bool:
    """Linux's prctl(option, value); False where the system has none or refuses."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0)


def confine(limits: Mapping[str, int | None]) -> list[str]:
    """Give up, for good, what a submission has no need of; return the names of the layers in force.

    `limits` has the keys memory, cpu (seconds), file_size, open_files; None leaves one off. It runs
    after NumPy and the adapter are loaded and before any code of the submission. Further layers
    (user id, Landlock, seccomp) belong here, the user id before the parent-death signal, which
    setuid clears, and the system-call filter last.
    """
    layers = ["process"]
    os.setsid()
    layers.append("session")
    if prctl(PR_SET_PDEATHSIG, signal.SIGKILL):
        layers.append("dies_with_parent")
    wanted: list[tuple[str, int, int | None]] = [
        ("memory", resource.RLIMIT_AS, limits["memory"]),
        ("cpu", resource.RLIMIT_CPU, limits["cpu"]),
        ("file_size", resource.RLIMIT_FSIZE, limits["file_size"]),
        ("open_files", resource.RLIMIT_NOFILE, limits["open_files"]),
        ("core", resource.RLIMIT_CORE, 0),
    ]
    if os.geteuid() != 0:  # the kernel does not count root's processes
        wanted.append(("processes", resource.RLIMIT_NPROC, 0))
    for name, kind, limit in wanted:
        if limit is None:
            continue
        hard = resource.getrlimit(kind)[1]
        # at the soft limit comes SIGXCPU, which names the cause; at the hard one SIGKILL
        grace = 1 if name == "cpu" else 0
        hard = limit + grace if hard == resource.RLIM_INFINITY else min(limit + grace, hard)
        try:
            resource.setrlimit(kind, (min(limit, hard), hard))
        except (OSError, ValueError):  # macOS refuses some; the layer is then not in the list
            continue
        layers.append(name)
    if prctl(PR_SET_DUMPABLE, 0):
        layers.append("not_traceable")
    if prctl(PR_SET_NO_NEW_PRIVS, 1):
        layers.append("no_new_privileges")
    return layers


def describe(error: BaseException, root: str) -> str:
    """One line on an exception: type, last place inside `root`, text. Never raises."""
    try:
        name = str.__getitem__(type(error).__name__, slice(0, 80))
        place = ""
        for frame, line in traceback.walk_tb(error.__traceback__):
            path = frame.f_code.co_filename
            if path == root or path.startswith(root + os.sep):
                shown = os.path.relpath(path, root) if path != root else os.path.basename(path)
                place = f" in {shown.replace(os.sep, '/')} line {line}"
    except BaseException:
        name, place = "An exception that hides its type", ""
    try:
        text = " ".join(str.__getitem__(str(error), slice(0, 4 * MAX_MESSAGE)).split())
    except BaseException:
        text = "(its message cannot be shown)"
    return f"{name}{place}{': ' if text else ''}{text}"[:MAX_MESSAGE]


def send(connection: socket.socket, message: bytes) -> None:
    connection.sendall(message)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[Any]]:
    """The next message of the judge; ends the process when the judge is gone."""
    data = connection.recv(
        1 << 16
    )  # most messages are complete in this; the judge sends one at a time
    while len(data) < FRAME.size:
        data += _exactly(connection, FRAME.size - len(data))
    header, payload = frame_lengths(data[: FRAME.size])
    missing = FRAME.size + header + payload - len(data)
    if missing:
        data += _exactly(connection, missing)
    end = FRAME.size + header
    return decode(data[FRAME.size : end], data[end:])


def _exactly(connection: socket.socket, count: int) -> bytes:
    buffer = bytearray(count)
    view = memoryview(buffer)
    while view:
        received = connection.recv_into(view)
        if received == 0:
            os._exit(0)
        view = view[received:]
    return bytes(buffer)


def constructor_parameters(operation: object) -> list[str]:
    """Names the constructor takes by keyword ("**": any); empty where Python cannot tell."""
    try:
        parameters = inspect.signature(operation).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    names = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return names + ["**"] * any(p.kind is p.VAR_KEYWORD for p in parameters)


def _sentence(text: object) -> str:
    return " ".join(str(text).encode("ascii", "backslashreplace").decode("ascii").split())[
        :MAX_MESSAGE
    ]


def description(loaded: Any) -> list[object]:
    """What the judge is told: operations with their parameters, errors, notes, profile."""
    operations = [
        [str(n), constructor_parameters(operation)] for n, operation in loaded.operations.items()
    ]
    errors = [[str(name), _sentence(reason)] for name, reason in loaded.errors.items()]
    profile = None if loaded.profile is None else _sentence(loaded.profile)
    return [operations, errors, [_sentence(note) for note in loaded.notes], profile]


class CallError(Exception):
    """A call that cannot be made; the text is the whole sentence."""


class Session:
    """The loaded submission and the instances the judge asked for."""

    def __init__(self, adapter: types.ModuleType, root: str) -> None:
        self.loaded: Any = adapter.load(root)
        self.root = root
        self.instances: dict[int, tuple[str, Any]] = {}
        self._seed: Callable[[int], object] = getattr(adapter, "seed", _seed)
        self._draw: Callable[[], object] = getattr(adapter, "draw", np.random.random)

    def answer(self, head: Mapping[str, Any], values: Sequence[Any]) -> Iterator[bytes]:
        """The replies to one request: one result per call, up to the first call that fails.

        In a request of several cases ("begin" divides them) a failure is a result, and the rest of its
        case, which is not run, gives None.
        """
        if head["fresh"]:
            self.instances.clear()
        failed = False
        arguments = iter(values)
        packer, error, flushed = Packer(), None, time.monotonic()
        for call in head["calls"]:
            now = time.monotonic()
            if packer.full or (len(packer) and now - flushed > FLUSH_SECONDS):
                yield packer.frame(id=head["id"], more=True, error=None)
                packer, flushed = Packer(), now
            if call[0] == "begin":
                self.instances.clear()
                failed = False
            if failed:
                for _ in range(argument_count(call)):
                    next(arguments)
                packer.add(None)
                continue
            error = self._perform(call, arguments, packer)
            if error and head["cases"]:
                packer.add((FAILED, *error))
                failed, error = True, None
            if error:
                break
        yield packer.frame(id=head["id"], more=False, error=error)

    def _perform(
        self, call: Sequence[Any], arguments: Iterator[Any], packer: Packer
    ) -> list[str] | None:
        """Run one call and pack its result; [status, sentence] if that failed.

        The catch-all is the point: whatever a submission raises, SystemExit too, is its answer.
        """
        name = str(call[-1])
        try:
            result = self._result(call, arguments)
            try:
                packer.add(result)
            except WireError as illegal:
                return ["fail", f"{name} returned {illegal}"[:MAX_MESSAGE]]
        except CallError as refused:
            return ["error", _sentence(refused)]
        except BaseException as error:
            return ["error", describe(error, self.root)]
        return None

    def _result(self, call: Sequence[Any], arguments: Iterator[Any]) -> object:
        kind = call[0]
        if kind == "new":
            _, handle, names, operation = call
            given = {name: next(arguments) for name in names}
            if operation not in self.loaded.operations:
                raise CallError(self.loaded.errors.get(operation, f"there is no {operation} here"))
            self.instances[handle] = (operation, self.loaded.operations[operation](**given))
            return None
        if kind == "invoke":
            _, handle, count, echo, method = call
            given_values = [next(arguments) for _ in range(count)]
            if handle not in self.instances:
                raise CallError("the instance was lost when its process was replaced")
            operation, instance = self.instances[handle]
            function = getattr(instance, method, None)
            if function is None:
                raise CallError(f"{operation} has no method {method}")
            result = function(*given_values)
            return (result, tuple(given_values)) if echo else result
        if kind == "seed":
            self._seed(call[1])
            return None
        if kind == "begin":
            return None
        return float(self._draw())  # type: ignore[arg-type]


def argument_count(call: Sequence[Any]) -> int:
    """How many values of a request belong to a call."""
    return {"new": lambda: len(call[2]), "invoke": lambda: int(call[2])}.get(call[0], lambda: 0)()


def _seed(value: int) -> None:
    np.random.seed(value % (1 << 32))
    random.seed(value)


def reseed() -> None:
    """Seed the global generators from the system: every worker draws numbers of its own."""
    np.random.seed()
    random.seed()


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


# --- the zygote -----------------------------------------------------------------------------------


def compiled(path: str) -> types.CodeType:
    """The code of an adapter: Python's own cache of it, where that is there and not older."""
    code = importlib.machinery.SourceFileLoader("lawbook_adapter", path).get_code("lawbook_adapter")
    assert isinstance(code, types.CodeType)  # a source loader has code, or raises
    return code


class CompiledLoader(importlib.machinery.SourceFileLoader):
    """Loads an adapter compiled once, in the zygote: compiling costs more than forking."""

    def __init__(self, code: types.CodeType, path: str) -> None:
        super().__init__("lawbook_adapter", path)
        self.code = code

    def get_code(self, fullname: str) -> types.CodeType:
        """The compiled adapter; there is only one name to ask for."""
        return self.code


def start_worker(
    job: Mapping[str, Any], code: types.CodeType, connection: int, output: int
) -> NoReturn:
    """In the forked child: take the descriptors, confine, run the adapter's body, serve.

    Whatever fails before READY is sent is the judge's side's fault, not the submission's.
    """
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2), (connection, SOCKET)):
        os.dup2(source, target)
    os.set_inheritable(SOCKET, False)
    os.closerange(SOCKET + 1, 4096)
    os.environ.update(HOME=job["home"], TMPDIR=job["home"])
    os.environ.update(LAWBOOK_IMPORTING=job["note"], LAWBOOK_REFUSED=json.dumps(job["refused"]))
    os.chdir(job["home"])
    sys.argv[:] = ["worker"]
    reseed()
    layers = confine(job["limits"])
    loader = CompiledLoader(code, job["adapter"])
    adapter = types.ModuleType(loader.name)
    adapter.__file__ = job["adapter"]
    sys.modules[loader.name] = adapter
    loader.exec_module(adapter)
    judge = socket.socket(fileno=SOCKET)
    send(judge, encode({"id": READY, "more": False, "error": None}, [layers]))
    serve(judge, adapter, job["root"])


class Zygote:
    """Answers the judge's control messages: fork a worker, reap a worker."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.codes: dict[
            str, types.CodeType
        ] = {}  # adapters, compiled once, executed only in workers
        self.workers: set[int] = set()
        self.subreaper = prctl(PR_SET_CHILD_SUBREAPER, 1)

    def run(self) -> None:
        self._say({"python": sys.version.split()[0], "numpy": np.__version__})
        while True:
            prefix, descriptors, _, _ = socket.recv_fds(self.control, 4, 2)
            if not prefix:
                return self._end()
            while len(prefix) < 4:
                prefix += _exactly(self.control, 4 - len(prefix))
            message = json.loads(_exactly(self.control, int.from_bytes(prefix, "little")))
            self._say(
                self._reap(message["reap"])
                if "reap" in message
                else self._fork(message, descriptors)
            )

    def _end(self) -> None:
        """The judge is gone: end every worker, and what they started."""
        for process in self.workers:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self.workers.clear()
        self._sweep()

    def _say(self, answer: Mapping[str, object]) -> None:
        data = json.dumps(answer).encode("ascii")
        self.control.sendall(len(data).to_bytes(4, "little") + data)

    def _fork(self, job: Mapping[str, Any], descriptors: Sequence[int]) -> dict[str, object]:
        path = job["adapter"]
        try:
            if path not in self.codes:
                self.codes[path] = compiled(path)
            process = os.fork()
        except (OSError, SyntaxError, ValueError) as error:
            for descriptor in descriptors:
                os.close(descriptor)
            return {"error": f"{type(error).__name__}: {error}"}
        if process == 0:
            self.control.detach()
            try:
                start_worker(job, self.codes[path], *descriptors)
            except BaseException as error:
                os.write(2, describe(error, path).encode("utf-8", "replace"))
            finally:
                os._exit(1)
        for descriptor in descriptors:
            os.close(descriptor)
        self.workers.add(process)
        return {"process": process}

    def _reap(self, process: int) -> dict[str, object]:
        """The exit status of a worker that the judge has killed; ends what it left behind."""
        try:
            status = os.waitpid(process, 0)[1]
        except ChildProcessError:
            status = -1
        self.workers.discard(process)
        self._sweep()
        return {"status": status}

    def _sweep(self) -> None:
        """Kill what outlived the worker that started it: as the subreaper we inherit it."""
        for _ in range(1000 if self.subreaper else 0):
            try:
                with open(f"/proc/self/task/{os.getpid()}/children") as file:
                    strangers = {int(word) for word in file.read().split()} - self.workers
            except (
                OSError
            ):  # a kernel without this file; the worker's process group is dead in any case
                return
            if not strangers:
                return
            for stranger in strangers:
                os.kill(stranger, signal.SIGKILL)
            for stranger in strangers:
                os.waitpid(stranger, 0)


def main() -> None:
    """Serve as a zygote on the control socket whose descriptor is the last argument."""
    if sys.version_info < (3, 11):  # noqa: UP036  another interpreter may run this
        sys.exit(f"Python {sys.version.split()[0]} is too old: a worker needs 3.11 or newer")
    control = socket.socket(fileno=int(sys.argv[-1]))
    control.set_inheritable(False)
    reseed()  # here too, for the imports that NumPy does at the first time
    gc.freeze()
    gc.enable()
    Zygote(control).run()
    os._exit(0)  # taking all modules apart would keep the judge waiting


if __name__ == "__main__":
    main()
