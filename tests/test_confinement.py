"""The walls around a worker: each layer does its part, alone and with the others."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import bpf
import pytest
from judging import ADAPTER, Build, call, failure, train

from lawbook.judge.limits import Limits
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import LAYERS, Zygote
from lawbook.operations import TargetError
from lawbook.worker.seccomp import ARCHITECTURES, INSTRUCTION, program
from lawbook.worker.syscalls import CHECKED, CLONE3, FCNTL, PLAIN
from lawbook.worker.system import NotActive
from lawbook.worker.user import FIRST, readable_by_others

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

# --- the filter of system calls, for every architecture --------------------------------------------

REFUSED = {  # name: numbers on x86_64 and aarch64
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "sendmsg": (46, 211),
    "recvmsg": (47, 212), "clone": (56, 220), "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221),
    "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270), "shmget": (29, 194),
    "add_key": (248, 217), "keyctl": (250, 219), "io_uring_setup": (425, 425), "unshare": (272, 97),
    "mount": (165, 40), "setns": (308, 268), "chmod": (90, -1), "fchmod": (91, 52), "setuid": (105, 146),
    "setresuid": (117, 147), "setrlimit": (160, 164), "link": (86, -1), "symlink": (88, -1),
    "symlinkat": (266, 36), "linkat": (265, 37), "mknodat": (259, 33), "flock": (73, 32),
    "memfd_create": (319, 279), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "bpf": (321, 280),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "rt_sigqueueinfo": (129, 138),
    "pidfd_send_signal": (424, 424), "userfaultfd": (323, 282), "utimensat": (280, 88),
    "setsid": (112, 157), "sched_setaffinity": (203, 122), "truncate": (76, 45), "chroot": (161, 51),
    "openat2": (437, 437), "seccomp": (317, 277), "landlock_create_ruleset": (444, 444),
}  # fmt: skip
SELF = 4242


@pytest.fixture(params=ARCHITECTURES)
def filtered(request: pytest.FixtureRequest) -> tuple[bytes, int, int]:
    """A filter with its architecture's word and column of numbers."""
    column, audit = ARCHITECTURES[request.param]
    return program(request.param, SELF), audit, column


def test_the_filter_allows_what_is_listed_and_nothing_else(
    filtered: tuple[bytes, int, int],
) -> None:
    code, audit, column = filtered
    allowed = {numbers[column] for numbers in PLAIN.values()} - {-1}
    checked = {one.numbers[column] for one in CHECKED.values()}
    for number in range(600):
        answer = bpf.run(code, audit, number, (99, 99, 99))
        if number in allowed:
            assert answer == bpf.ALLOW, number
        elif number == CLONE3:
            assert answer == bpf.ERRNO | errno.ENOSYS
        else:
            assert answer == bpf.ERRNO | errno.EPERM, number
    assert not allowed & checked


@pytest.mark.parametrize("name", REFUSED)
def test_the_filter_refuses(name: str, filtered: tuple[bytes, int, int]) -> None:
    code, audit, column = filtered
    if REFUSED[name][column] >= 0:
        assert bpf.run(code, audit, REFUSED[name][column]) == bpf.ERRNO | errno.EPERM


def test_calls_of_another_architecture_are_deadly(filtered: tuple[bytes, int, int]) -> None:
    code, audit, _ = filtered
    others = {word for _, word in ARCHITECTURES.values()} - {audit} | {0x40000003, 0}
    for word in others:
        assert bpf.run(code, word, 0) == bpf.KILL
    for number in (0x40000000, 0x40000000 + 59, 0xFFFFFFFF - 2**32):  # x32, and a number below 0
        assert bpf.run(code, audit, number) == bpf.KILL


ARGUMENTS = [
    ("kill", (SELF, 9), True),
    ("kill", (SELF + 1, 9), False),
    ("kill", (-1, 9), False),
    ("kill", (0, 9), False),
    ("tgkill", (SELF, 1, 6), True),
    ("tgkill", (1, 1, 6), False),
    ("tkill", (SELF, 6), True),
    ("tkill", (7, 6), False),
    *(("fcntl", (3, command), True) for command in FCNTL),
    *(("fcntl", (3, command), False) for command in (5, 6, 7, 8, 10, 15, 36, 37, 38, 1024, 1026)),
    ("ioctl", (0, 0x5401), True),
    ("ioctl", (0, 0x5412), False),  # TIOCSTI, which types into a terminal
    ("prctl", (15,), True),
    ("prctl", (4, 1), False),
    ("prctl", (1, 0), False),
    ("prctl", (22, 2), False),
    ("prlimit64", (0, 7, 0), True),
    ("prlimit64", (SELF, 7, 0), True),
    ("prlimit64", (0, 7, 1 << 40), False),
    ("prlimit64", (0, 7, 8), False),
    ("prlimit64", (1, 7, 0), False),
]


@pytest.mark.parametrize(("name", "arguments", "allowed"), ARGUMENTS)
def test_the_filter_looks_at_arguments(
    name: str, arguments: tuple[int, ...], allowed: bool, filtered: tuple[bytes, int, int]
) -> None:
    code, audit, column = filtered
    answer = bpf.run(code, audit, CHECKED[name].numbers[column], arguments)
    assert answer == (bpf.ALLOW if allowed else bpf.ERRNO | errno.EPERM)


def test_every_jump_of_the_filter_stays_inside_it() -> None:
    for architecture in ARCHITECTURES:
        code = program(architecture, SELF)
        steps = [INSTRUCTION.unpack_from(code, 8 * k) for k in range(len(code) // 8)]
        assert len(steps) < 4096
        for place, (operation, if_true, if_false, _) in enumerate(steps):
            if operation != 0x06:
                assert place + 1 + max(if_true, if_false) < len(steps)
        assert steps[-1][0] == 0x06


def test_an_architecture_without_a_table_is_said() -> None:
    with pytest.raises(NotActive, match="no table of system calls for riscv64"):
        program("riscv64", SELF)


def test_both_tables_have_no_number_twice() -> None:
    for column in (0, 1):
        numbers = [one[column] for one in PLAIN.values() if one[column] >= 0]
        assert len(numbers) == len(set(numbers))


# --- what a real worker can do ----------------------------------------------------------------------


def layers_of(build: Build) -> tuple[set[str], dict[str, str]]:
    backend = build(train("return 1"))
    return set(backend.isolation), dict(backend.not_active)


def test_all_layers_are_active_on_a_machine_that_has_them(build: Build) -> None:
    active, missing = layers_of(build)
    assert {"process", "session", "limits", "landlock", "seccomp", "not_traceable"} <= active
    assert {"dies_with_parent", "no_new_privileges", "no_capabilities"} <= active
    assert ("user_id" in active) == ROOT
    assert ROOT or missing["user_id"] == "only root can give a worker another user id"


@pytest.fixture(scope="module", params=["landlock", "seccomp", "user_id", "limits", "bubblewrap"])
def lacking(request: pytest.FixtureRequest) -> Iterator[tuple[str, Zygote]]:
    zygote = Zygote(without=frozenset({request.param}))
    yield request.param, zygote
    zygote.close()


def test_each_layer_can_be_switched_off_and_says_so(
    lacking: tuple[str, Zygote], tmp_path: Path
) -> None:
    name, zygote = lacking
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(train("return x"))
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, zygote=zygote) as backend:
        assert call(backend, 4) == 4
        reason = zygote.unwrapped if name == "bubblewrap" else dict(backend.not_active)[name]
        assert reason == "switched off"
        assert name not in backend.isolation


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="no layers of isolation: seecomp"):
        Zygote(without=frozenset({"seecomp"}))


STOPPED = {
    "read": "open({secret!r}).read()",
    "list": "os.listdir({folder!r})",
    "write beside": "open({secret!r} + '2', 'w')",
    "overwrite": "open({secret!r}, 'a')",
    "write /tmp": "open('/tmp/lawbook-was-here', 'w')",
    "write shared memory": "open('/dev/shm/lawbook-was-here', 'w')",
    "own source": "open(__file__, 'a')",
    "passwords": "open('/etc/passwd').read()",
    "its parent's memory": "open('/proc/%d/mem' % os.getppid(), 'rb')",
    "its own memory map": "open('/proc/self/maps').read()",
    "processes": "os.listdir('/proc')",
    "fork": "os.fork()",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {{}})",
    "exec": "os.execv('/bin/true', ['true'])",
    "signal": "os.kill(os.getppid(), 0)",
    "signal to all": "os.kill(-1, 0)",
    "signal to the group": "os.killpg(os.getpgid(0), 0)",
    "chmod": "os.chmod({secret!r}, 0o777)",
    "chmod at home": "open('f', 'w').close(); os.chmod('f', 0o4777)",
    "link": "os.symlink({secret!r}, 'link')",
    "hard link": "os.link({secret!r}, 'link')",
    "queue": "os.mkfifo('queue')",
    "lock": "__import__('fcntl').flock(open('f', 'w'), 2)",
    "record lock": "__import__('fcntl').lockf(open('f', 'w'), 2)",
    "session": "os.setsid()",
    "become root": "os.setuid(0)",
    "priority": "os.setpriority(0, 0, -5)",
    "memory file": "os.memfd_create('f')",
    "limits": (
        "import resource\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_CPU)\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (soft, hard + 1))"
    ),
    "thread": "import threading\nthreading.Thread(target=print).start()",
}


@pytest.mark.parametrize("name", STOPPED)
def test_a_submission_is_stopped(name: str, build: Build, tmp_path: Path) -> None:
    (tmp_path / "judge").mkdir()
    secret = tmp_path / "judge" / "secret"
    secret.write_text("the rubric")
    body = STOPPED[name].format(secret=str(secret), folder=str(secret.parent))
    error = failure(build(train(body)))
    assert error.status == "error"
    pattern = "^(PermissionError|ValueError|RuntimeError in Layer.py line 7: can't start|OSError)"
    with pytest.raises(TargetError, match=pattern):
        raise error
    assert secret.read_text() == "the rubric"
    assert sorted(path.name for path in secret.parent.iterdir()) == ["secret"]


ALLOWED = {
    "its own files": "open('f', 'w').write('12'); os.mkdir('d'); os.rename('f', 'd/f'); "
    "return len(open('d/f').read())",
    "its own source": "return int('class Layer' in open(__file__).read())",
    "standard library": "import bz2, csv, datetime, decimal, fractions, hashlib, lzma, sqlite3, zlib\n"
    "return int(datetime.datetime.now().year > 2000)",
    "temporary files": "import tempfile\nwith tempfile.TemporaryFile() as f: return f.write(b'12')",
    "linear algebra": "return np.linalg.svd(np.random.rand(50, 50))[0].shape[0]",
    "printing nowhere": "print('x', file=open(os.devnull, 'w')); return 1",
    "an alarm": "signal.signal(signal.SIGALRM, signal.SIG_IGN); signal.alarm(1); return 1",
    "sleep": "time.sleep(0.01); return 1",
    "random numbers": "return len(os.urandom(8))",
    "signal to itself": "os.kill(os.getpid(), 0); return 1",
    "its limits": "import resource; return resource.getrlimit(resource.RLIMIT_AS)[0] % 2",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_honest_code_is_not_stopped(name: str, build: Build) -> None:
    assert call(build(train(ALLOWED[name]), limits=Limits())) is not None


@pytest.mark.skipif(not ROOT, reason="only root can give away user ids")
def test_every_worker_of_root_has_a_user_of_its_own(build: Build) -> None:
    source = train("return os.getuid(), os.geteuid(), os.getgid(), len(os.getgroups())")
    users = [call(build(source)) for _ in range(2)]
    assert users[0] != users[1]
    for user, effective, group, others in users:
        assert user == effective == group >= FIRST
        assert others == 0


def test_a_worker_is_left_no_capability_but_to_read(build_bare: Build, build: Build) -> None:
    """Seen from outside: the worker itself may not read /proc."""
    for make, most in ((build_bare, 0), (build, 1 << 2)):
        backend = make(train("return 1"))
        call(backend)
        status = Path(f"/proc/{backend._ready()._process._number}/status").read_text()
        held = [
            line.split() for line in status.splitlines() if line.startswith(("CapEff", "CapPrm"))
        ]
        assert all(int(value, 16) & ~most == 0 for _, value in held)


def test_readable_by_others_looks_at_the_whole_path(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    assert not readable_by_others(str(tmp_path / "none"))
    assert readable_by_others("/usr/bin/env")
    (tmp_path / "open" / "file").touch(mode=0o600)
    assert not readable_by_others(str(tmp_path / "open" / "file"))


def test_a_descriptor_sent_to_the_judge_is_dropped(build_bare: Build) -> None:
    before = len(os.listdir("/proc/self/fd"))
    body = """
    import array
    s = sys.modules["socket"].socket(fileno=os.dup(3))
    found = [o for o in gc.get_objects() if isinstance(o, dict) and "fresh" in o and "id" in o]
    packing = sys.modules["lawbook_worker.packing"]
    forged = packing.encode({"id": found[0]["id"], "more": False, "error": None}, [None, 42])
    s.sendmsg([forged], [(1, 1, array.array("i", [0, 1, 2]))])
    time.sleep(0.2)
    """
    backend = build_bare(train(body))
    assert call(backend) == 42
    backend.close()
    assert len(os.listdir("/proc/self/fd")) <= before


NOTES = {
    "queue": "os.mkfifo(note)",
    "link": "os.symlink('/etc/hostname', note)",
    "folder": "os.mkdir(note)",
    "device": "os.symlink('/dev/zero', note)",
    "huge": "open(note, 'w').write('x' * 10**6)",
}


@pytest.mark.parametrize("name", NOTES)
def test_the_note_of_a_worker_is_read_with_care(name: str, build_bare: Build) -> None:
    body = f"note = os.environ['LAWBOOK_IMPORTING']\n{NOTES[name]}\nos._exit(1)"
    backend = build_bare(train(body))
    failure(backend)
    noted = backend._worker._process.importing  # type: ignore[union-attr]
    assert noted == ("x" * 300 if name == "huge" else "")


def test_a_home_exchanged_for_a_link_is_not_followed(build_bare: Build, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    body = f"""
    home = os.getcwd()
    os.rename(home, home + "-gone")
    os.symlink({str(tmp_path / "kept")!r}, home)
    os._exit(0)
    """
    backend = build_bare(train(body))
    zygote = backend._zygote
    failure(backend)
    backend.close()
    assert (tmp_path / "kept" / "file").exists()
    for left in zygote.directory.glob("*-gone"):
        left.rmdir()


SCAN = """
    import re
    a, b, c = {parts!r}
    pattern = re.compile((a + "[" + b + "]" + c).encode())  # so the scan does not find itself
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            if " r" not in line or "[v" in line: continue
            low, high = (int(n, 16) for n in line.split()[0].split("-"))
            try:
                memory.seek(low)
                found += len(pattern.findall(memory.read(high - low)))
            except (OSError, OverflowError, ValueError): pass
    return found
    """


@pytest.mark.skipif(not ROOT, reason="a worker of an ordinary user cannot read its own memory map")
def test_nothing_of_the_judge_is_in_the_memory_of_a_worker(tmp_path: Path) -> None:
    secret = os.urandom(16).hex()  # in the judge's memory before the zygote is started
    (tmp_path / "adapter.py").write_text(ADAPTER)
    body = SCAN.format(parts=(secret[:8], secret[8], secret[9:]))
    (tmp_path / "Layer.py").write_text(train(body))
    zygote = Zygote(without=LAYERS)
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, zygote=zygote) as backend:
        assert call(backend) == 0
        assert call(backend, secret) > 0, "the scan finds what is there"  # type: ignore[operator]
    zygote.close()
