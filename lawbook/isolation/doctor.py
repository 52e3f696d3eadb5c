"""`lawbook doctor`: what this machine has to shut submissions in, and what it is worth."""

from __future__ import annotations

import json
import os
import platform
from argparse import Namespace
from contextlib import closing
from typing import Any

from lawbook.isolation.levels import HIGHER, LEVELS, MEANING, Isolation
from lawbook.isolation.selftest import isolation_of
from lawbook.judge.zygote import JudgeError, Zygote

ATTACKS = {  # name in the canary -> what a reader calls it
    "read": "read a file of the judge",
    "write": "write outside its own folder",
    "connect": "connect by TCP",
    "datagram": "send by UDP",
    "unix": "reach an abstract Unix socket",
    "unix_path": "reach a Unix socket by its path",
    "fork": "start a process",
    "execute": "run another program",
    "signal": "send a signal to the judge",
    "memory_of_others": "read the memory of the judge",
    "shared_memory": "make shared memory",
    "keyring": "leave something in a keyring",
    "memory": "use more memory than its limit",
    "endless": "lift its limit of CPU time",
}


def doctor(options: Namespace) -> int:
    """Try the isolation of this machine and show it; raises Refused where no worker can start."""
    from lawbook.reporting import Refused

    try:
        zygote = Zygote(options.python, without=frozenset(options.without))
        with closing(zygote):
            versions, isolation = zygote.versions, isolation_of(zygote)
    except JudgeError as error:
        raise Refused(str(error)) from None
    if options.json:
        print(json.dumps(as_json(isolation, versions), indent=2))
    else:
        print("\n".join(lines(isolation, versions)))
    return 0


def machine() -> dict[str, Any]:
    """The system that this runs on."""
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "root": os.geteuid() == 0,
    }


def as_json(isolation: Isolation, versions: dict[str, str]) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "machine": machine(),
        "worker": versions,
        **isolation.as_json(),
        "means": MEANING[isolation.level],
        "higher": HIGHER.get(isolation.level),
        "attacks": [
            {"attack": ATTACKS[name], "stopped": not done, "says": done}
            for name, done in isolation.outcomes.items()
        ],
    }


def lines(isolation: Isolation, versions: dict[str, str]) -> list[str]:
    """What a reader sees."""
    here = machine()
    user = "root" if here["root"] else "an ordinary user"
    told = [
        f"{here['system']}, as {user}; workers: Python {versions['python']}, NumPy {versions['numpy']}",
        "",
        f"isolation: {isolation.level}  ({' < '.join(LEVELS)})",
        f"  {MEANING[isolation.level]}.",
    ]
    if isolation.level in HIGHER:
        told.append(f"  for more: {HIGHER[isolation.level]}.")
    told += ["", "layers"]
    told += [f"  active      {layer}" for layer in isolation.layers]
    told += [f"  not active  {layer}: {reason}" for layer, reason in isolation.not_active]
    told += ["", "what a submission could try"]
    width = max(map(len, ATTACKS.values()))
    for name, done in isolation.outcomes.items():
        told.append(f"  {ATTACKS[name]:{width}}  {f'NOT STOPPED: {done}' if done else 'stopped'}")
    return told
