"""Intent of the directory and of the print server: the `config` of each module.

Believed: [belief windows.shutdown_exempt], [belief windows.shutdown], [belief windows.shutdown_happens],
[belief windows.back_task], [belief windows.measure_copied].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.systems.windows.startup import preferences_of

if TYPE_CHECKING:
    from piste.town.model.directory.derived import (
        DirectoryGroup,
        DirectoryLinks,
        DirectoryPolicy,
        MeasureTask,
        Shutdown,
    )
    from piste.town.model.names.derived import AdSite
    from piste.town.model.site import Commune, Site

Config = list[dict[str, Any]]

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRST_DAY = "2026-01-01"
"""First day of a scheduled task; any past day does."""
_DAY = 24 * 60
SHUTDOWN = "Piste - Arrêt hors des heures d'ouverture"
MEASURE_TASK = "Piste - Mesure des postes"
MEASURING = "mesure-des-postes"
"""The program that measures a computer."""
MARK = "signed:"
"""Beginning of the name of a signed program (`systems.windows.signed`), in the place of its bytes."""


def ad_intent(owner: Site | Commune) -> dict[str, Any]:
    """Return the intent of a derived site, or of the town's own host.

    It has the options that say which places are the owner's, and the `config` of each kind.
    """
    directory = owner["directory"]
    intent: dict[str, Any] = {
        "base": "/",
        "apart": [],
        "units": [dict(unit) for unit in directory["units"]],
        "groups": [_group(group) for group in directory["groups"]],
        "wmi_filters": [],
        "gpos": [],
        "links": [_links(place) for place in directory["links"]],
        "sites": _ad_sites(owner["ad_sites"]) if "ad_sites" in owner else [],
        "subnets": [dict(subnet) for subnet in owner["ad_subnets"]],
        "dhcp_servers": [],
        "retired_dhcp_servers": [],
    }
    if "path" in directory:
        return {**intent, "base": directory["path"]}
    return {
        **intent,
        "apart": directory["site_places"],
        "dhcp_servers": [{"name": it["host"], "address": it["address"]} for it in owner["dhcp"]["servers"]],
        "retired_dhcp_servers": owner["dhcp"]["retired"],
        "wmi_filters": [dict(entry) for entry in directory["wmi_filters"]],
        "gpos": [_gpo(policy) for policy in directory["policies"]],
    }


def _ad_sites(sites: Sequence[AdSite]) -> Config:
    """Return the sites of the forest; a site of its own is linked to the town's."""
    town = [site["name"] for site in sites if site["link"] is None]
    return [
        {"name": site["name"], **({"links": {site["link"]: {"sites": town}}} if site["link"] else {})} for site in sites
    ]


def _group(group: DirectoryGroup) -> dict[str, Any]:
    return {**group, "members": dict.fromkeys(group["members"], True)}


def _links(place: DirectoryLinks) -> dict[str, Any]:
    """Return the links of a place, in order; null removes a policy that no longer applies."""
    links: dict[str, Any] = {name: {} for name in place["policies"]} | dict.fromkeys(place["absent"])
    config = {"target": place["place"], "links": links}
    return config | ({"order": place["policies"]} if place["policies"] else {})


def _gpo(policy: DirectoryPolicy) -> dict[str, Any]:
    config: dict[str, Any] = {
        "name": policy["name"],
        "comment": policy["comment"],
        "wmi_filter": policy["wmi_filter"],
        "exempt": policy["exempt"],
        "exclusive": policy["exclusive"],
    }
    sides = {"computer": policy["computer"], "user": policy["user"]}
    config |= {side: settings for side, settings in sides.items() if settings is not None}
    if policy["filtering"] is not None:
        config["filtering"] = policy["filtering"]
    if policy["shutdown"] is not None:
        config["computer"] = {"preferences": {"scheduled_tasks": {SHUTDOWN: _shutdown(policy["shutdown"])}}}
    if policy["measure"] is not None:
        config["computer"] = _measure(policy["measure"])
    if policy["startup"] is not None:
        config["computer"] = _with_preferences(policy["computer"] or {}, preferences_of(policy["startup"]))
    return config


def _measure(task: MeasureTask) -> dict[str, Any]:
    """Return a daily task as the system, the program that it runs and its copy on the computer.

    `%GptPath%` is the folder of the policy's side (Group Policy Preferences, list of variables). The program is copied
    where only an administrator writes. PowerShell expands its own path and demands the signature for this process
    alone (about_Execution_Policies, scope Process); a policy of the town for all of PowerShell would come before. A
    program that is refused makes the task fail.
    """
    folder, file = "%ProgramFilesDir%\\Piste", f"{MEASURING}.ps1"
    own = {"action": "replace", "remove_when_unapplied": True}
    program = f"($env:ProgramFiles + '\\Piste\\{file}')"
    share = f"\\\\{task['server']}\\{task['share']}"
    shutdown = SHUTDOWN.replace("'", "''")
    return {
        "foreign": {f"Piste/{file}": f"{MARK}{MEASURING}"},
        "preferences": {
            "folders": {folder: {"action": "update"}},
            "files": {f"{folder}\\{file}": {**own, "source": f"%GptPath%\\Piste\\{file}", "read_only": False}},
            "scheduled_tasks": {
                MEASURE_TASK: {
                    **own,
                    "comment": "Écrit les mesures du poste sur le partage de la ville, sans donnée d’agent",
                    "run_level": "highest",
                    "instances": "ignore",
                    "not_on_batteries": False,
                    "stop_on_batteries": False,
                    "catch_up": True,
                    "needs_network": True,
                    "wake": False,
                    "time_limit": "PT15M",
                    "triggers": [
                        {
                            "type": "daily",
                            "every": 1,
                            "start": f"{_FIRST_DAY}T{task['at']}:00",
                            "random_delay": f"PT{task['spread_min']}M",
                        }
                    ],
                    "actions": [
                        {
                            "command": "%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                            "arguments": "-NoProfile -NonInteractive -ExecutionPolicy AllSigned -Command "
                            f"\"$ErrorActionPreference = 'Stop'; & {program} -Share '{share}' "
                            f"-ShutdownTask '{shutdown}'; exit $LASTEXITCODE\"",
                        }
                    ],
                }
            },
        },
    }


def _with_preferences(side: Mapping[str, Any], more: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Add preferences to a side of a policy."""
    own: Mapping[str, Mapping[str, Any]] = side.get("preferences") or {}
    return {**side, "preferences": {kind: {**own.get(kind, {}), **more.get(kind, {})} for kind in (*own, *more)}}


def _shutdown(rule: Shutdown) -> dict[str, Any]:
    """Return a scheduled task that runs hourly, on idle computers only, until the next opening.

    Task Scheduler schema, `RunOnlyIfIdle` and `StopOnIdleEnd`: Windows starts the task after four idle minutes, and
    ends it, shutdown included, at the first gesture during the warning (Microsoft, Task idle conditions). How long
    Windows waits for an idle computer is not documented since Windows 8: hence the program also checks the hour.
    """
    start, end = _minutes(rule["start"]), _minutes(rule["end"])
    first = (end + rule["delay_min"]) % _DAY
    night = {"type": "daily", "every": 1, **_repeated(first, (start - first) % _DAY)}
    closed = [day for day in _WEEK if day not in rule["days"]]
    day = {"type": "weekly", "every": 1, "days": closed, **_repeated(start, (first - start) % _DAY)}
    return {
        "comment": f"Ouvert de {rule['start']} à {rule['end']}",
        "run_level": "highest",
        "needs_idle": True,
        "stop_on_idle_end": True,
        "instances": "ignore",
        "not_on_batteries": False,
        "stop_on_batteries": False,
        "time_limit": "PT1H",
        "remove_when_unapplied": True,
        "action": "replace",
        "triggers": [night, *([day] if closed else [])],
        "actions": [
            {
                "command": "%SystemRoot%\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                "arguments": f'-NoProfile -NonInteractive -Command "{_warn_then_stop(rule)}"',
            }
        ],
    }


def _warn_then_stop(rule: Shutdown) -> str:
    """Return the task's program.

    It does nothing in opening hours, nor after a sleep during the warning.
    """
    warning = rule["warning_min"]
    days = ", ".join(str((_WEEK.index(day) + 1) % 7) for day in rule["days"])  # .NET counts from Sunday, 0
    opened = f"$minute -ge {_minutes(rule['start']) - warning} -and $minute -lt {_minutes(rule['end'])}"
    return (
        "$now = Get-Date; $minute = $now.TimeOfDay.TotalMinutes; "
        f"if ([int]$now.DayOfWeek -in {days} -and {opened}) {{ exit }}; "
        f"msg.exe * /time:{warning * 60} 'Arrêt automatique dans {warning} min, hors des heures ouvrées. "
        "Pour le refuser, bougez la souris.'; "
        f"Start-Sleep -Seconds {warning * 60}; "
        f"if (((Get-Date) - $now).TotalMinutes -lt {warning + 1}) {{ shutdown.exe /s /f /t 0 }}"
    )


def _repeated(first: int, length: int) -> dict[str, Any]:
    """Return an hourly repetition from a minute of the day, for a number of minutes."""
    hours, minutes = divmod(length, 60)
    return {
        "start": f"{_FIRST_DAY}T{first // 60:02}:{first % 60:02}:00",
        "repeat_every": "PT1H",
        "repeat_for": f"PT{hours}H" + (f"{minutes}M" if minutes else ""),
    }


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def names_intent(owner: Site | Commune) -> dict[str, Any]:
    """Return the zones and the records of an owner, with who else registers names in a zone."""
    settings = owner["dhcp"]["settings"]
    account = settings["update_account"] if settings else None
    creators = {"creators": [account]} if account else {}
    return {
        "zones": [{"name": zone["name"], **creators} for zone in owner["zones"]] if "zones" in owner else [],
        "records": [dict(record) for record in owner["records"]],
    }


def printing_intent(owner: Site | Commune) -> dict[str, Any]:
    """Return `{server, prefix, queues}` of a derived site; empty without a print server."""
    if "printing" not in owner or owner["printing"] is None:
        return {"server": "", "prefix": "", "queues": []}
    printing = owner["printing"]
    queues = [{"name": queue["name"], **queue["settings"]} for queue in printing["queues"]]
    return {"server": printing["server"], "prefix": printing["prefix"], "queues": queues}
