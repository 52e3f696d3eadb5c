"""The skeleton of an adapter: it works as it stands, with an example layout, and says what to change."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Sequence

from lawbook.adapters.contract import Contract, contract_of

WIDTH = 100
# Conventions on which honest code differs and that experiments tell; the rest is the course's to say.
TELLING = {
    "dropout": (
        '"masking": {"try": ["select", "multiply"],',
        '            "law": "dropout.dropout_dropped_units_are_zero_of_infinite_inputs"},',
    ),
    "batch_norm": (
        '"eps": {"measure": "batch_norm_eps"},',
        '"running_variance": {',
        '    "try": ["biased", "unbiased"],',
        '    "law": "batch_norm.running_variance_eq_moving_average_of_batch_variances"},',
    ),
}
HEAD = '''\
"""How Lawbook calls what the students of my course hand in; `lawbook adapter --guide` explains.

{layout}
"""

import importlib
import sys

PROFILE = {{  # literals alone: this is read and not run; what is not pinned is as in the comments
{requires}
    "conventions": {{
{conventions}
    }},
}}
IMPORTS = []  # packages that a submission may import beyond NumPy
'''
TAIL = """\
{table}


class Loaded:
    operations, errors, notes, profile = {{}}, {{}}, [], None


def load(root):
    sys.path.insert(0, root)
    try:
        module = importlib.import_module("{file}")  # CHANGE: the file they hand in
    except BaseException as error:
        reason = f"{file}.py cannot be imported: {{type(error).__name__}}: {{error}}"
        Loaded.errors = dict.fromkeys(OPERATIONS, reason)
        return Loaded
    for name, adapter in OPERATIONS.items():
        adapter.theirs = getattr(module, adapter.__name__, None)  # CHANGE: what it is called there
        if adapter.theirs is None:
            Loaded.errors[name] = f"{file}.py has no {{adapter.__name__}}"
        else:
            Loaded.operations[name] = adapter
    return Loaded
"""


def skeleton(operations: Sequence[str], file: str = "layers") -> str:
    """The text of an adapter for these operations; raises KeyError for an unknown one."""
    contracts = [contract_of(operation) for operation in dict.fromkeys(operations)]
    names = [class_name(one.operation) for one in contracts]
    entries = [f'"{one.operation}": {name}' for one, name in zip(contracts, names, strict=True)]
    table = _filled(entries, "OPERATIONS = {", "}")
    plural = "es" if len(names) > 1 else ""
    layout = (
        f"As it stands, everyone hands in `{file}.py` with the class{plural} {', '.join(names)}, whose "
        "methods are those below.  Change what is marked CHANGE; the comments are the contract, on "
        "which the laws rely."
    )
    head = HEAD.format(
        layout=textwrap.fill(layout, WIDTH),
        requires=_filled([f'"{one.operation}"' for one in contracts], '    "requires": [', "],"),
        conventions="\n".join(_conventions(one) for one in contracts),
    )
    bodies = [_adapter_class(one, name) for one, name in zip(contracts, names, strict=True)]
    return "\n\n".join(
        [head, *(f"{body}\n" for body in bodies), TAIL.format(table=table, file=file)]
    )


def class_name(operation: str) -> str:
    """`batch_norm` as a class is called: `BatchNorm`."""
    return "".join(part.capitalize() for part in operation.split("_"))


def _filled(entries: Sequence[str], start: str, end: str) -> str:
    """Entries between brackets: on one line if they fit, else on indented lines of their own."""
    line = start + ", ".join(entries) + end
    if len(line) <= WIDTH:
        return line
    indent = " " * (len(start) - len(start.lstrip()))
    inner = indent + "    "
    body = textwrap.fill(
        ", ".join(entries) + ",", WIDTH, initial_indent=inner, subsequent_indent=inner
    )
    return f"{start}\n{body}\n{indent}{end}"


def _conventions(contract: Contract) -> str:
    """The entry of an operation in PROFILE, and the conventions that hold unless it says otherwise."""
    taken = ", ".join(f"{name} {value!r}" for name, value in contract.conventions.items())
    comment = _comment(f"unless given here: {taken}", 8) if taken else ""
    telling = TELLING.get(contract.operation, ())
    entries = "".join(f"            {line}\n" for line in telling)
    return (
        f'{comment}        "{contract.operation}": {{'
        + (f"\n{entries}        " if telling else "")
        + "},"
    )


def _adapter_class(contract: Contract, name: str) -> str:
    arguments = "".join(f", {one}" for one in contract.arguments)
    keywords = f", *{arguments}" if arguments else ""
    lines = [f"class {name}:", _comment(inspect.cleandoc(contract.text), 4).rstrip("\n")]
    making = f"self.it = self.theirs({', '.join(contract.arguments)})"
    lines += [f"    def __init__(self{keywords}):", f"        {making}  # CHANGE"]
    for method, parameters in contract.methods.items():
        given = "".join(f", {one}" for one in parameters)
        says = f"-> {contract.returns[method]}: {contract.says[method]}"
        lines += ["", f"    def {method}(self{given}):", _comment(says, 8).rstrip("\n")]
        lines += [f"        return self.it.{method}({', '.join(parameters)})  # CHANGE"]
    return "\n".join(lines)


def _comment(text: str, indent: int) -> str:
    """A text as comment lines."""
    start = " " * indent + "# "
    wrapped = [
        textwrap.fill(paragraph, WIDTH, initial_indent=start, subsequent_indent=start)
        for paragraph in _paragraphs(text)
    ]
    return "".join(f"{one}\n" for one in wrapped)


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, and lines such as `eps: ...` that start a new one; blank lines are dropped."""
    found: list[str] = []
    for line in text.splitlines():
        starts = line[:1].isalpha() and line.split(" ", 1)[0].endswith((":", ",")) and ":" in line
        if not line.strip():
            found.append("")
        elif found and found[-1] and not starts:
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return [one for one in found if one]
