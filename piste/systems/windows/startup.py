"""Programs that start by themselves, as preferences of a group policy.

A program of the key Run, or of the start-up folder, is disabled as the Task Manager does it: a value of its name
under `StartupApproved`, whose first byte is odd. Windows starts an entry without such a value: the value goes with the
policy (`removePolicy`), and the program starts as before [belief windows.startup_programs].

A service and a task keep their last setting when the policy is gone: the policy of the return writes the opposite.
Preferences of scheduled tasks write a whole task, never a part, so a task of ours asks the scheduler.
Believed: [belief windows.startup_services], [belief windows.new_teams].
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piste.town.model.sobriety.autostart import DerivedProgram, Startup

_APPROVED = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved"
_DISABLED = b64encode(bytes([3, *[0] * 11])).decode()
"""A state of `StartupApproved`: 3 for disabled, then the moment, which nothing needs."""
_TASK = "Piste - Démarrage - "
"""Beginning of the name of our tasks, which the list of protected programs names."""


def preferences_of(startup: Startup) -> dict[str, dict[str, Any]]:
    """Return the preferences that stop programs, or give their start back."""
    made: dict[str, dict[str, Any]] = {}
    for program in startup["programs"]:
        kind, name, item = _item(program, given_back=startup["given_back"])
        groups = enumerate(program["computers"])
        targeting = [{"group": group, "of": "computer", "or": rank > 0} for rank, group in groups]
        described = {"description": program["why"], **item, **({"targeting": targeting} if targeting else {})}
        made.setdefault(kind, {})[name] = described
    return made


def _item(program: DerivedProgram, *, given_back: bool) -> tuple[str, str, Mapping[str, Any]]:
    """Return the kind, the name and the value of a preference."""
    entry = program["entry"]
    if program["place"] == "service":
        return "services", entry, {"startup": "automatic" if given_back else "manual"}
    if program["place"] == "task":
        return "scheduled_tasks", f"{_TASK}{program['id']}", _switched(entry, "ENABLE" if given_back else "DISABLE")
    key = "StartupFolder" if program["place"] == "folder" else "Run32" if program["x86"] else "Run"
    item = {"action": "replace", "type": "binary", "base64": _DISABLED, "remove_when_unapplied": True}
    return "registry", f"{_APPROVED}\\{key}!{entry}", item


def _switched(task: str, how: str) -> dict[str, Any]:
    """Return a task of ours that enables or disables another, at once and at each start."""
    return {
        "run_level": "highest",
        "not_on_batteries": False,
        "stop_on_batteries": False,
        "time_limit": "PT5M",
        "remove_when_unapplied": True,
        "action": "replace",
        "triggers": [{"type": "registration"}, {"type": "startup"}],
        "actions": [{"command": "%SystemRoot%\\System32\\schtasks.exe", "arguments": f'/Change /TN "{task}" /{how}'}],
    }
