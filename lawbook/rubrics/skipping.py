"""The laws of skipped items: they say why they were skipped, and are no failures of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lawbook.rubrics.model import Entry, Result
from lawbook.verdicts import NOT_HELD

BLANK: dict[str, Any] = {
    "measured": None,
    "allowed": None,
    "counterexample": None,
    "expected": None,
    "got": None,
    "message": "",
    "diagnosis": [],
    "repro": None,
}


def with_skipped(result: Result) -> dict[str, Any]:
    """The result whose failing laws of skipped items are skipped, as its grade says.

    A law that another item judges stays what it is.
    """
    items = (result["grade"] or {}).get("items", ())
    skipped = [item for item in items if item["status"] == "skipped"]
    judged = {law for item in items if item["status"] != "skipped" for law in item["laws"]}
    reasons = {law: _reason(item) for item in skipped for law in item["laws"] if law not in judged}
    laws = [_skipped(entry, reasons.get(entry["law"], "")) for entry in result["laws"]]
    return {**result, "laws": laws}


def _skipped(entry: Entry, reason: str) -> dict[str, Any]:
    if not reason or entry["status"] not in NOT_HELD:
        return dict(entry)
    return {**entry, **BLANK, "status": "skip", "message": reason}


def _reason(item: Mapping[str, Any]) -> str:
    """Why an item is skipped, without what else is said of it."""
    message = str(item["message"])
    return message[max(message.find("skipped because"), 0) :]
