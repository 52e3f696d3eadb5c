"""Reading and changing files: the grader's, other people's, the system's, and its own hand-in."""

from __future__ import annotations

from attacks.harness import DONE, REFUSED, Arena, Attack, error, returned
from attacks.sources import in_call, trying

LANDLOCK = frozenset({"landlock"})
WRITES = frozenset({"landlock", "bubblewrap"})  # in namespaces of its own all is mounted to be read
SECCOMP = frozenset({"seccomp"})
OWN_USER = frozenset({"landlock", "user_id"})


def reading(name: str, *paths: str, short: bool = False, by: frozenset[str] = LANDLOCK) -> Attack:
    tries = ", ".join(f"attempt(read, {path})" for path in paths)
    return Attack(name, in_call(f"return first_done(({tries},))"), REFUSED, by, DONE, short=short)


def writing(
    name: str,
    *expressions: str,
    short: bool = False,
    by: frozenset[str] = WRITES,
    within: frozenset[str] = frozenset(),
) -> Attack:
    tries = ", ".join(f"attempt({one})" for one in expressions)
    source = in_call(f"return first_done(({tries},))")
    return Attack(name, source, REFUSED, by, DONE, within, short=short)


ATTACKS = [
    reading("the rubric", "JUDGE + '/rubric.toml'", short=True),
    reading("the reference solution", "JUDGE + '/solution/Layer.py'"),
    reading("another submission", "JUDGE + '/other/Layer.py'", short=True),
    reading("results of others", "JUDGE + '/results/other.json'"),
    reading("the laws", "LAWBOOK + '/laws.py'", "LAWBOOK + '/../properties/dropout.py'"),
    reading("the system's users", "'/etc/passwd'", "'/etc/shadow'"),
    reading("the name of the machine", "'/etc/hostname'", "'/etc/os-release'", "'/proc/version'"),
    reading(
        "environments",
        "f'/proc/{JUDGE_PID}/environ'",
        "f'/proc/{os.getppid()}/environ'",
        "'/proc/self/environ'",
        short=True,
    ),
    reading(
        "the judge's files by its own links",
        "f'/proc/{JUDGE_PID}/root/etc/passwd'",
        "f'/proc/{os.getppid()}/root/etc/passwd'",
        "'/proc/self/root/etc/passwd'",
        "f'/proc/{os.getppid()}/cwd/zygote.log'",
    ),
    reading("what the zygote printed", "os.getcwd() + '/../zygote.log'"),
    reading(
        "the open files of its parent",
        "f'/proc/{os.getppid()}/fd/2'",
        "f'/proc/{os.getppid()}/fd/1'",
        by=frozenset({"landlock", "user_id", "no_capabilities+root_judge"}),
    ),
    reading("the judge's machine by way of up", "'../' * 20 + 'etc/passwd'"),
    reading(
        "program text of the judge", "LAWBOOK + '/judge/channel.py'", "LAWBOOK + '/__init__.py'"
    ),
    Attack(
        "the folder of all hand-ins",
        in_call(
            "return first_done(attempt(os.listdir, one) for one in\n"
            "    (JUDGE, JUDGE + '/submissions', os.getcwd() + '/..',\n"
            "     os.path.dirname(__file__) + '/../..', '/'))"
        ),
        REFUSED,
        LANDLOCK,
        DONE,
        short=True,
    ),
    # Known: Landlock does not cover stat, so a guess at a name outside can be confirmed; no content is told.
    Attack(
        "names and sizes outside",
        trying("attempt(lambda: os.stat(JUDGE + '/rubric.toml').st_size)"),
        returned("^done: [0-9]+$"),
    ),
    Attack(
        "a link in its own folder that leads out",
        in_call("os.symlink(JUDGE + '/rubric.toml', 'link')\nreturn read('link')"),
        error("^PermissionError in Layer.py"),
        frozenset({"landlock", "seccomp"}),
        returned("^secret"),
    ),
    Attack(
        "a second name of a file outside",
        writing("", "os.link, JUDGE + '/rubric.toml', 'link'").source,
        REFUSED,
        frozenset({"landlock", "seccomp", "bubblewrap"}),
        DONE,
    ),
    Attack(
        "a file moved in from outside",
        writing("", "os.rename, JUDGE + '/rubric.toml', 'moved'").source,
        REFUSED,
        WRITES,
        returned("^done|EXDEV"),
    ),
    Attack(
        "import of the grader",
        in_call("sys.path.insert(0, LAWBOOK + '/..')\nimport lawbook.laws\nreturn 'done'"),
        error("^(ModuleNotFoundError|PermissionError|ImportError) in Layer.py"),
        LANDLOCK,
        returned("^done$"),
    ),
    writing("a file in /tmp", "write, '/tmp/' + MARKER", "write, '/var/tmp/' + MARKER", short=True),
    writing(
        "a file in /dev/shm",
        "write, '/dev/shm/' + MARKER",
        short=True,
        by=LANDLOCK,
        within=frozenset({"bubblewrap"}),
    ),
    writing("results of others changed", "write, JUDGE + '/results/other.json'", short=True),
    writing("results of its own", "write, JUDGE + '/results/mine.json', '{\"points\": 9}'"),
    writing("the rubric removed", "os.unlink, JUDGE + '/rubric.toml'"),
    writing("the rubric emptied", "os.truncate, JUDGE + '/rubric.toml', 0", by=WRITES | SECCOMP),
    writing(
        "the rubric replaced", "os.rename, JUDGE + '/results/other.json', JUDGE + '/rubric.toml'"
    ),
    writing("what a shell runs", "write, JUDGE + '/.bashrc', 'true'"),
    writing(
        "its own hand-in",
        "write, __file__",
        "os.unlink, __file__",
        by=frozenset({"landlock", "user_id"}),
    ),
    writing(
        "a hand-in beside its own", "os.mkdir, os.path.dirname(__file__) + '/../more'", by=OWN_USER
    ),
    writing(
        "what the next worker imports",
        "open, np.__file__, 'a'",
        "open, os.__file__, 'a'",
        by=frozenset({"landlock", "user_id", "bubblewrap", "ordinary_user"}),
    ),
    writing(
        "modes, owners and times outside",
        "os.chmod, JUDGE + '/rubric.toml', 0o600",
        "os.chown, JUDGE + '/rubric.toml', os.getuid(), -1",
        "os.utime, JUDGE + '/rubric.toml', (1, 1)",
        "os.utime, JUDGE + '/rubric.toml'",
        by=frozenset({"seccomp", "bubblewrap"}),
        short=True,
    ),
    writing(
        "extended attributes outside",
        "os.setxattr, JUDGE + '/rubric.toml', 'user.lawbook', b'x'",
        by=frozenset({"seccomp", "bubblewrap"}),
    ),
    writing(
        "a device of its own",
        "os.mknod, 'device', 0o600 | 0o020000, os.makedev(1, 3)",
        by=frozenset({"seccomp", "no_capabilities"}),
    ),
    writing(
        "a pipe with a name, which a reader would wait for",
        "os.mkfifo, 'importing.2'",
        by=frozenset({"landlock", "seccomp"}),
    ),
    writing("a program that anybody runs as its user", "os.chmod, '.', 0o4777", by=SECCOMP),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
