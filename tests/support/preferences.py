"""Preferences with every field, each as far from its default as can be."""

from __future__ import annotations

from typing import Any

from piste.engine.converge.resource import UNSET, Field
from piste.systems.windows.gpo.preference_kind import Kind
from piste.systems.windows.gpo.preferences import entry_fields

KEYS = {
    "drive_maps": "P:",
    "shared_printers": "\\\\srv\\imp-01",
    "tcp_printers": "10.93.12.20",
    "local_groups": "BUILTIN\\Administrators",
    "registry": "HKLM\\Software\\Ville!Valeur",
    "power_plans": "high_performance",
}
TRIGGERS: list[dict[str, Any]] = [
    {"type": "once", "start": "2026-01-01T20:00:00", "end": "2026-12-31T20:00:00", "enabled": False},
    {"type": "daily", "start": "2026-01-01T20:00:00", "every": 2, "random_delay": "PT5M", "enabled": True},
    {"type": "weekly", "start": "2026-01-01T20:00:00", "every": 1, "days": ["monday", "friday"], "enabled": True},
    {
        "type": "monthly",
        "start": "2026-01-01T20:00:00",
        "days": ["1", "Last"],
        "months": ["january", "december"],
        "repeat_every": "PT1H",
        "repeat_for": "PT8H",
        "enabled": True,
    },
    {"type": "startup", "delay": "PT1M", "enabled": True},
    {"type": "logon", "user": "VILLE\\marie.durand", "enabled": True},
    {"type": "idle", "enabled": True},
    {"type": "registration", "enabled": True},
    {"type": "session", "state": "SessionUnlock", "enabled": True},
    {"xml": "<EventTrigger><Enabled>true</Enabled><Subscription>x</Subscription></EventTrigger>", "enabled": True},
]
SPECIAL: dict[str, dict[str, Any]] = {
    "local_users": {"expires": "2027-01-31"},
    "registry": {"type": "dword", "data": 255, "base64": UNSET},
    "scheduled_tasks": {
        "triggers": TRIGGERS,
        "actions": [
            {
                "command": "%SystemRoot%\\System32\\shutdown.exe",
                "arguments": '/s /t 300 /c "<fin>"',
                "working_directory": "C:\\",
            },
            {"xml": "<ShowMessage><Title>a</Title><Body>b</Body></ShowMessage>"},
        ],
    },
}
SPECIAL["immediate_tasks"] = SPECIAL["scheduled_tasks"]


def other(field: Field, group: str) -> Any:
    """A value as far from the default as can be."""
    if field.name == "action":
        return "replace"
    if field.choices:
        return next(choice for choice in reversed(field.choices) if choice != field.default)
    if field.name == "targeting":
        return [{"group": group, "not": True, "or": False}]
    if field.name == "attributes":
        return {"inconnu": "à garder"}
    if field.type == "bool":
        return field.default is not True
    if field.type == "int":
        return 60 if field.name.endswith(("_ac", "_dc")) else 3
    if field.name in ("idle_duration", "idle_wait", "time_limit", "delete_after", "retry_interval"):
        return "PT17M"
    return f"{field.name} é"


def rich(kind: Kind, group: str = "GG-Police") -> dict[str, Any]:
    value = {field.name: other(field, group) for field in entry_fields(kind)} | _special(kind.name, group)
    return {name: inner for name, inner in value.items() if inner is not UNSET}


def _special(name: str, group: str) -> dict[str, Any]:
    if name == "local_groups":
        return {"members": {group: "add", ".\\local": "remove", "%DomainName%\\x": "add"}}
    return SPECIAL.get(name, {})
