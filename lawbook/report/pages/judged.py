"""How a submission was judged: the course's conventions, the layers around it, versions, seed and date."""

from __future__ import annotations

from collections.abc import Mapping

from lawbook.report.facts import Report, Result
from lawbook.report.formats import View
from lawbook.report.pages.markup import code, listed, text


def how_it_was_judged(report: Report, result: Result, view: View) -> str:
    """A list of what decided the verdicts; a student gets no path, seed or layer that helps to cheat."""
    made: Mapping[str, object] = report.get("environment") or {}
    rows: list[tuple[str, str]] = []
    cases = sum(int(entry.get("examples") or 0) for entry in result.get("laws", ()))
    if cases:
        rows.append(("cases", f"{cases} in {float(result.get('seconds') or 0):.2f} s"))
    if result.get("conventions"):
        rows.append(("conventions", _conventions(result["conventions"])))
    if result.get("notes"):
        rows.append(("notes", listed([text(note) for note in result["notes"]])))
    isolation = result.get("isolation") or {}
    if isolation.get("level"):
        rows.append(("isolation", _isolation(isolation, view)))
    if not view.is_student:
        rows += [(key, code(result[key])) for key in ("path", "digest") if result.get(key)]
        seed = report.get("seed") if report.get("seed") is not None else result.get("seed")
        rows += [("seed", code(seed))] if seed is not None and result.get("laws") else []
    versions = ", ".join(
        f"{text(name)} {text(said)}" for name, said in made.items() if name != "date"
    )
    rows.append(
        ("versions", f"Lawbook {text(report.get('lawbook'))}{', ' + versions if versions else ''}")
    )
    if made.get("date"):
        rows.append(("date", text(made["date"])))
    inside = "".join(f"<dt>{name}</dt><dd>{said}</dd>\n" for name, said in rows)
    return f'<dl class="facts">\n{inside}</dl>\n'


def _conventions(settled: Mapping[str, object]) -> str:
    each: dict[str, list[str]] = {}
    for name, value in settled.items():
        operation, _, convention = str(name).partition(".")
        each.setdefault(operation, []).append(f"{text(convention)} = {text(value)}")
    return listed([f"{text(name)}: {', '.join(said)}" for name, said in each.items()])


def _isolation(isolation: Mapping[str, object], view: View) -> str:
    said = f"level <b>{text(isolation['level'])}</b>"
    layers = isolation.get("layers")
    if view.is_student or not isinstance(layers, list):
        return said
    said += f": {', '.join(map(text, layers))}" if layers else ""
    lacking = isolation.get("not_active")
    found = lacking if isinstance(lacking, list) else []
    items = [f"{text(one['layer'])}: {text(one['reason'])}" for one in found]
    return f"{said}<br>not active: {listed(items)}" if items else said
