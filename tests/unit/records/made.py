"""Records made up for tests: runs of a school, chained as real runs are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from piste.runs.records.chain import Chain
from piste.runs.records.record import Record, compose
from tests.support.fuzz import WIDE

NODE = "poste"
STEP = 1 if WIDE else 7
"""Of a file that is changed byte by byte, each or a seventh; no power of two, so that each bit has its turn."""


def operation(key: str = "VLB-Agents", **changes: Any) -> dict[str, Any]:
    return {
        "system": "meraki",
        "owner": "ecole-jaures",
        "kind": "ssid",
        "key": key,
        "label": key,
        "action": "update",
        "fields": ["enabled"],
        "before": "b" * 16,
        "after": "a" * 16,
        "content": {"before": {"name": key, "enabled": False}, "after": {"name": key, "enabled": True}},
        **changes,
    }


def task(status: str = "changed", **changes: Any) -> dict[str, Any]:
    return {
        "host": "ecole-jaures",
        "task": "network : Converger les SSID",
        "module": "meraki_ssids",
        "status": status,
        "check": False,
        "kind": None,
        "code": None,
        "message": None,
        "operations": [operation()] if status == "changed" else [],
        "withheld": [],
        "calls": {"reads": 3, "writes": 1 if status == "changed" else 0},
        **changes,
    }


def header(number: int, environment: str = "lab", day: str = "2026-11-24") -> dict[str, Any]:
    return {
        "id": f"{day.replace('-', '')}T{number:06}Z-{number:06x}",
        "environment": environment,
        "node": NODE,
        "user": "marie",
        "started": f"{day}T10:00:00Z",
        "command": ["ansible-playbook", "playbooks/site.yml"],
        "commit": "c" * 40,
        "clean": True,
        "limit": "ecole-jaures",
        "tags": ["all"],
        "check": False,
        "plan": None,
    }


def chain_of(root: Path, environment: str = "lab") -> Chain:
    return Chain(root / environment / NODE)


def run(root: Path, number: int, *tasks: dict[str, Any], environment: str = "lab", day: str = "2026-11-24") -> Record:
    """Write a whole run, from its first task to its seal."""
    chain = chain_of(root, environment)
    head = header(number, environment, day)
    opened = chain.start(head)
    kept = list(tasks or [task()])
    return chain.finish(opened, compose(head, kept, "d" * 64, f"{day}T10:01:00Z"))
