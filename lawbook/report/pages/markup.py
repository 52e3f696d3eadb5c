"""What all report pages share: the frame, escaping, and a script that is named by its digest."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files

from lawbook.report.values import safe


def text(said: object, most: int = 300) -> str:
    """Untrusted text, harmless and escaped."""
    return escape(safe(said, most))


def frame(title: str, body: str, script: str = "", wide: bool = False) -> str:
    """A whole page: nothing from the network, no script but the one given, which its digest names."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    code = _read(script) if script else ""
    if code:
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        policy += f"; script-src 'sha256-{digest}'"
    run = f"<script>{code}</script>\n" if code else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{text(title, 120)} · Lawbook</title>
<style>
{_read("base.css")}{_read("report.css")}</style>
</head>
<body{' class="wide"' if wide else ""}>
{body}{run}</body>
</html>
"""


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def code(said: object) -> str:
    """A name as it stands in code; a long one may break at its dots and underscores."""
    broken = text(said).replace("_", "_<wbr>").replace(".", ".<wbr>")
    return f"<code>{broken}</code>"


def plural(count: int, word: str) -> str:
    """ "1 law", "2 laws"."""
    return f"{count} {word}{'s' * (count != 1)}"


def folded(summary: str, inside: str, kind: str = "") -> str:
    """Something that is shown on request."""
    name = f' class="{kind}"' if kind else ""
    return f"<details{name}><summary>{summary}</summary>{inside}</details>\n"


def listed(items: list[str], kind: str = "") -> str:
    """A list of markup; empty where there are no items."""
    name = f' class="{kind}"' if kind else ""
    inside = "".join(f"<li>{item}</li>\n" for item in items)
    return f"<ul{name}>\n{inside}</ul>\n" if items else ""


def part(anchor: str, heading: str, inside: str) -> str:
    """A part of the page under a heading; empty where nothing is in it."""
    if not inside:
        return ""
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<h2 id="{anchor}-title">{heading}</h2>\n{inside}</section>\n'
    )


def capital(said: str) -> str:
    """A sentence that begins with a capital letter, unless it begins with a name as in code."""
    return said[:1].upper() + said[1:] if said.partition(" ")[0].isalpha() else said
