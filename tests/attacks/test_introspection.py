"""Looking for what is expected, and forging it: frames, gc, modules, patches of the worker's own code.

The judge computes all it compares with by itself; so there is nothing to find, and a patch changes only
what the submission says.
"""

from __future__ import annotations

from attacks.harness import (
    REFUSED,
    RIGHT,
    Arena,
    Attack,
    Verdict,
    crash,
    error,
    returned,
)
from attacks.sources import in_call, in_import, trying

WRONG = returned(
    r"^\[7\.0, 7\.0, 7\.0\]$"
)  # a wrong answer that arrives as it is: it fails its law
NOTHING = returned("^found: nothing$")
WORKER = (
    "worker = {name[15:]: one for name, one in sys.modules.items()\n"
    "    if name.startswith('lawbook_worker.')}"
)
SECRETS = ("'expected'", "'properties'", "'lawbook.laws'", "'LAWBOOK_ATTACK_SECRET'", "'rubric'")


def looking(name: str, body: str, top: str = "", short: bool = False) -> Attack:
    return Attack(name, in_call(body, top), NOTHING, short=short)


def patching(name: str, body: str, verdict: Verdict = WRONG, short: bool = False) -> Attack:
    """It patches something, and then answers 7 to everything."""
    return Attack(
        name,
        in_import(f"{WORKER}\n{body}").replace("return x", "return x * 0 + 7"),
        verdict,
        short=short,
    )


ATTACKS = [
    looking(
        "expected values in the frames below it",
        "frame, found = sys._getframe(), []\n"
        "while frame:\n"
        "    found += {'expected', 'want', 'law', 'seed', 'oracle', 'case'} & set(frame.f_locals)\n"
        "    frame = frame.f_back\n"
        "return f'found: {found or \"nothing\"}'",
        short=True,
    ),
    looking(
        "anything of the judge among all objects",
        "found = {type(o).__module__ for o in gc.get_objects()} | set(sys.modules)\n"
        "found = sorted(n for n in found if str(n).split('.')[0] in\n"
        "    ('lawbook', 'properties', 'reference', 'mistakes', 'hypothesis', 'derivations'))\n"
        "return f'found: {found or \"nothing\"}'",
    ),
    looking(
        "a secret in all strings",
        "part = 'ATTACK' + '_SECRET'\n"
        "found = [o for o in gc.get_objects() if type(o) is dict and 'LAWBOOK_' + part in o]\n"
        "found += [k for k in os.environ if part in k]\n"
        "return f'found: {found or \"nothing\"}'",
        short=True,
    ),
    looking(
        "the secret in its own memory",
        "ctypes = importlib.import_module('ctypes')\nfound = []\nword = b'ATTACK' + b'_SECRET='\n"
        "environment = ctypes.POINTER(ctypes.c_char_p).in_dll(library(), 'environ')\n"
        "k = 0\nwhile environment[k]:\n    found += [1] * (word in environment[k])\n    k += 1\n"
        "return f'found: {found or \"nothing\"}'",
    ),
    Attack(
        "its whole memory by /proc/self/mem",
        trying("attempt(open, '/proc/self/mem', 'rb')"),
        REFUSED,
        frozenset({"landlock"}),
        Verdict("value", "^done|^refused: PermissionError"),
    ),
    looking(
        "the seed of the generator",
        "state = np.random.get_state()[1]\n"
        "made = [np.random.RandomState(n).get_state()[1] for n in range(300)]\n"
        "seeds = [n for n, other in enumerate(made) if np.array_equal(state[:9], other[:9])]\n"
        "return f'found: {seeds or \"nothing\"}'",
    ),
    looking(
        "arguments and names of the process",
        "found = [one for one in (*sys.argv, *sys.orig_argv) if 'grade' in one or 'properties' in one]\n"
        "return f'found: {found or \"nothing\"}'",
    ),
    patching(
        "numpy's comparisons",
        "np.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True",
        short=True,
    ),
    patching(
        "builtins",
        "import builtins\nfor name in ('abs', 'all', 'any', 'max', 'min', 'print'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)",
        error("^WireError: "),
    ),
    patching(
        "isinstance and len",
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda o: 0",
        crash("^loading the submission (ended the process|cut the connection)"),
    ),
    patching("clocks", "time.time = time.monotonic = time.perf_counter = lambda: 0.0"),
    patching("sys.modules emptied", "sys.modules.clear()", error("^KeyError")),
    patching(
        "sys.meta_path and the import policy",
        "sys.meta_path[:] = []\nimport builtins\nbuiltins.__import__ = importlib.__import__",
    ),
    patching(
        "JSON that always says passed",
        "import json\nclass Said(str): pass\n"
        'json.dumps = lambda *a, **k: \'{"status": "pass"}\'\njson.JSONEncoder.encode = json.dumps\n'
        "worker['packing'].as_json = lambda o: '\"pass\"'",
        crash("no legal reply: a malformed header .JSONDecodeError.$"),
    ),
    patching(
        "struct and the frame header",
        "worker['wire'].FRAME = worker['packing'].FRAME = None",
        crash("^loading the submission (ended the process|cut the connection)"),
    ),
    patching(
        "the packer that says pass",
        "worker['session'].Packer.add = lambda self, value: self._entries.append('\"pass\"')\n"
        "worker['session'].Packer.__len__ = lambda self: 1",
        crash("no description of a submission"),
    ),
    patching(
        "a status of its own",
        "packer = worker['session'].Packer\nordinary = packer.frame\n"
        "packer.frame = lambda self, *m, **head: ordinary(\n"
        "    self, *m, **{**head, 'error': ['pass', 'all well']})",
        crash("sent what is no legal reply"),
        short=True,
    ),
    patching(
        "more members in a reply",
        "packer = worker['session'].Packer\nordinary = packer.frame\n"
        "packer.frame = lambda self, *m, **head: ordinary(self, *m, **head, verdict='pass', points=99)",
        crash("a message of another form$"),
    ),
    patching(
        "a reply twice",
        "ordinary = worker['serving'].send\n"
        "def twice(connection, message):\n"
        "    ordinary(connection, message)\n    ordinary(connection, message)\n"
        "worker['serving'].send = twice",
        crash("that nobody had asked for$|no legal reply"),
    ),
    patching(
        "all answers are taken from one that was right",
        "worker['session'].Session._result = lambda self, call, arguments: (\n"
        "    [next(arguments) for _ in range(call[0] == 'invoke')], np.full(3, 7.0))[1]",
        WRONG,
    ),
    patching(
        "its fault is the judge's",
        "import lawbook_worker\ndescribing = worker['describing']\n"
        "worker['serving'].describe = lambda e, root: 'Lawbook could not judge this: x'\n"
        "raise OSError('x')",
        error("^Lawbook could not judge this: x$"),  # a failure all the same
    ),
    patching(
        "READY once more, as if it were the adapter's fault",
        "os.write(3, worker['packing'].encode({'id': 0, 'more': False, 'error': None}, [[], []]))",
        crash("a reply to no question$"),
    ),
    patching(
        "layers that it has not",
        "os.write(3, worker['packing'].encode({'id': 1, 'more': False, 'error': None},\n"
        "    [[['layer', ['**']]], [], ['it is isolated by magic'], None]))\nos.write(1, b'isolated')",
        crash("a reply to no question$"),
    ),
    Attack(
        "ufuncs and methods of arrays",
        in_call(
            "np.multiply = np.add\nnp.random.random = lambda *a: 0.5\n"
            "np.ndarray.tobytes = lambda self: b''\nreturn x * 0 + 7"
        ),
        error("^TypeError in Layer.py .*immutable type"),
    ),
    Attack(
        "a profile and a trace of the worker's own code",
        in_call(
            "def trace(frame, event, value):\n"
            "    if 'answer' in frame.f_code.co_name: frame.f_locals['error'] = None\n    return trace\n"
            "sys.settrace(trace)\nsys.setprofile(trace)\nreturn x * 0 + 7"
        ),
        WRONG,
        calls=3,
    ),
    Attack(
        "audit hooks and exit hooks",
        in_call(
            "sys.addaudithook(lambda *a: None)\nsys.excepthook = lambda *a: os._exit(0)\n"
            "sys.unraisablehook = lambda *a: os._exit(0)\nthreading.excepthook = sys.excepthook\nreturn x"
        ),
        RIGHT,
    ),
    Attack(
        "code of the worker rewritten in memory",
        in_call(
            "session = sys.modules['lawbook_worker.session']\n"
            "session.Session._perform.__code__ = (lambda self, c, a, packer: ['pass', '']).__code__\n"
            "return x"
        ),
        crash("a failure of another kind$"),
        calls=3,
    ),
    Attack(
        "an object in place of the loaded submission",
        in_import(
            "class Operations(dict):\n    def items(self): return [('layer', Layer), ('dropout', Layer)]"
        ),
        RIGHT,
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
