"""A sample of each subject of the table, as it is kept, so that a test can age every line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from piste.readings.computers.kept import Collection
from piste.readings.logs.judgment import figure
from piste.readings.storage.kept import added
from piste.readings.storage.reading import silent
from piste.sobriety.printing.log import PrintLog
from tests.support import storage
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


SAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "certificates": lambda: {"assistance": certificate_readings("assistance")["facts"]["assistance"]},
    "tickets": lambda: {"glpi": {"open": {}, "closed": [], "unread": ""}},
    "copies": lambda: {"prism": []},
    "logs": lambda: {"tree": _check()},
    "scopes": lambda: {"hdv-dc1": {"10.93.41.0/24": {"active": True, "free": 9, "in_use": 1}}},
    "computers": lambda: {
        "partage": Collection(taken_at=AT, state="complete", why="", files=0, read=0, refused=[], more=0, owners="")
    },
    "printing": lambda: {"hdv-imp1": PrintLog(server="hdv-imp1", since="2026-11-01", through="2026-11-26")},
    "network": lambda: {"ports": {"ports": {"Q1": {"1": PORT}}}},
    "hosting": lambda: {"nodes": {"nodes": {"nœud": HOST}}},
    "supervision": lambda: {"hosts": {"hosts": {"hôte": {"enabled": True, "items": []}}}},
    "storage": _storage,
    "capacity": lambda: {"ntnx-hdv": {"memory_gib": 192, "free_gib": 12}},
    "energy": lambda: {
        "commutateurs": {
            "switches": [], "period": {"start": "", "end": "", "hours": 744},
            "coverage": {"measured": 0, "switches": 0, "most": 50, "complete": True},
        }
    },
    "nexus": lambda: {"nx-hdv-1": {"nexus_ports": {"1/1": NEXUS_PORT}, "version": None}},
}
"""The values of declared things, for each subject of the store that grows old."""
