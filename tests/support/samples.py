"""A sample of each subject of the table, as it is kept, so that a test can age every line.

The form of a subject gives its smallest value, its judge the things: what has more to say has a sample here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from piste.readings.computers.kept import Collection
from piste.readings.logs.judgment import figure
from piste.readings.storage.kept import added
from piste.readings.storage.reading import silent
from piste.readings.subject import named
from piste.readings.table import SUBJECTS
from piste.sobriety.printing.log import PrintLog
from piste.town.model import Town
from tests.support import storage
from tests.support.accounts import live
from tests.support.living import HOST, NEXUS_PORT, PORT
from tests.unit.bag.test_make import certificate_readings

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def _check() -> dict[str, Any]:
    return {
        "read_at": AT.isoformat(), "whole": True, "streams": [], "chain": [], "strays": [],
        "figure": figure([], [], None, "tree", AT),
    }  # fmt: skip


def _storage() -> dict[str, Any]:
    (share,) = (rules := storage.rules())["shares"]
    return {share["name"]: added(None, {**silent(share, rules, ""), "state": "complete"})}


AGENT = {"name": "pc-hdv-001", "last_seen": "2026-11-25", "version": "1", "signatures_at": None, "state": "healthy"}


def _energy() -> dict[str, Any]:
    """Write the energy of the switches, which a lab that was never read says nothing of."""
    period = {"start": "2026-11-01", "end": "2026-11-08", "hours": 168.0}
    return {"switches": [], "period": period,
            "coverage": {"measured": 0, "switches": 0, "most": 50, "complete": True}}  # fmt: skip


SAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "certificates": lambda: {"assistance": certificate_readings("assistance")["facts"]["assistance"]},
    "logs": lambda: {"tree": _check()},
    "scopes": lambda: {"hdv-dc1": {"10.93.41.0/24": {"active": True, "free": 9, "in_use": 1}}},
    "edr": lambda: {"defender": [AGENT]},
    "energy": lambda: {"commutateurs": _energy()},
    "tablets": lambda: {"devices": []},
    "incidents": lambda: {"defender": []},
    "tenant": lambda: {"consent": [{"enabled": True, "notifies": True, "reminds": True, "days": 30}]},
    "computers": lambda: {
        "partage": Collection(taken_at=AT, state="complete", why="", files=0, read=0, refused=[], more=0, owners="")
    },
    "printing": lambda: {"hdv-imp1": PrintLog(server="hdv-imp1", since="2026-11-01", through="2026-11-26")},
    "network": lambda: {"ports": {"ports": {"Q1": {"1": PORT}}}},
    "hosting": lambda: {"nodes": {"nodes": {"nœud": HOST}}},
    "supervision": lambda: {"hosts": {"hosts": {"hôte": {"enabled": True, "items": []}}}},
    "storage": _storage,
    "directory": lambda: {"vuln_krbtgt-l2": {"wrong": False, "faults": 0, "of": 1, "names": []}},
    "accounts": lambda: {"meraki": [live("dsi@lab.invalid", whole=True)]},
    "wifi": lambda: {"ecole-jaures": {"points": {}, "ssids": {}, "ports": None, "unread": {}}},
    "nexus": lambda: {"nx-hdv-1": {"nexus_ports": {"1/1": NEXUS_PORT}, "version": None}},
}
"""The values of declared things, where the smallest value of the form would not do."""


def kept_value(name: str) -> Any:
    """Give a value of a subject: that of its sample, else the smallest of its form."""
    if name in SAMPLES:
        return next(iter(SAMPLES[name]().values()))
    schema = TypeAdapter(named(SUBJECTS[name].form)).json_schema()
    made = _smallest(schema, schema.get("$defs", {}))
    try:
        SUBJECTS[name].parsed(json.dumps(made).encode())
    except ValueError as error:
        raise AssertionError(f"{name}: write its sample in SAMPLES of tests/support/samples.py ({error})") from error
    return made


def sample(name: str, town: Town) -> Mapping[str, Any]:
    """Give values of declared things, which a judge names though nothing was read."""
    if name in SAMPLES:
        return SAMPLES[name]()
    ids = {finding.id for finding in named(SUBJECTS[name].judge)(town, "lab")}
    assert ids, f"{name}: its judge ({SUBJECTS[name].judge}) says nothing of a declared thing that was never read"
    return {id_.partition(".")[2]: kept_value(name) for id_ in ids}


def _smallest(schema: Mapping[str, Any], defined: Mapping[str, Any]) -> Any:
    """Write the smallest value of a JSON schema."""
    if "$ref" in schema:
        return _smallest(defined[schema["$ref"].rpartition("/")[2]], defined)
    if "anyOf" in schema:
        return _smallest(schema["anyOf"][0], defined)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            return {key: _smallest(schema["properties"][key], defined) for key in schema.get("required", ())}
        case "array":
            return [_smallest(schema["items"], defined) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return max(0, schema.get("minimum", 0), schema.get("exclusiveMinimum", -1) + 1)
        case "string":
            return AT.isoformat() if schema.get("format") == "date-time" else "x" * schema.get("minLength", 0)
        case "boolean":
            return False
    return None
