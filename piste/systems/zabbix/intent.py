"""Intent of an owner for Zabbix: the `config` of each module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.systems.kinds.zabbix import SUPERVISION
from piste.systems.zabbix.dependencies import TEMPLATE
from piste.systems.zabbix.hosts import OWNER_TAG
from piste.systems.zabbix.intent_periods import counted, freezes, windows
from piste.systems.zabbix.intent_views import site_views, town_views
from piste.town.model.supervision.form import DISABLED

if TYPE_CHECKING:
    from piste.town.model.site import Commune, Site
    from piste.town.model.supervision.derived import SupervisionHere, WatchedHost
    from piste.town.model.supervision.points import Point

READERS, RECIPIENTS = "lecteurs", "destinataires"
MAIL = "Messagerie"


def zabbix_intent(owner: Site | Commune) -> dict[str, Any]:
    """Intent of an owner: `config` by kind; empty lists where no supervision is declared."""
    here: Any = owner["supervision"]
    nothing: dict[str, Any] = {"watched": here is not None, **{kind.name: [] for kind in SUPERVISION}}
    if here is None:
        return nothing
    hosts = [_host(owner["id"], host, here) for host in here["hosts"]]
    hosts += [_point(owner["id"], point, here) for point in here["points"] if _watched(point, here)]
    hosts += [_other(owner["id"], other, here["root"]) for other in here.get("others", ())]
    given = {"hosts": hosts, **(_town(here) if "sites" in here else _site(owner, here))}
    return {**nothing, **given}


def site_group(root: str, name: str) -> str:
    return f"{root}/Sites/{name}"


def class_group(root: str, label: str) -> str:
    return f"{root}/Classes/{label}"


def class_groups(here: Mapping[str, Any]) -> list[str]:
    """List the groups of the classes of an owner."""
    entries = (*here["classes"].values(), *here.get("others", ()))
    labels = sorted({entry["label"] for entry in entries})
    return [class_group(here["root"], label) for label in labels]


def _site(owner: Any, here: Any) -> dict[str, Any]:
    """Give what a site has beside its hosts; a site that closes still names it, to remove it."""
    group, closing = site_group(here["root"], here["group"]), owner["lifecycle"] == "closing"
    return {
        "host_groups": [{"name": group}],
        "dependencies": list(_dependencies(here)),
        "maintenances": windows(here, group) if closing or here["hosts"] or here["points"] else [],
        **(site_views(here, group) if closing or here["hosts"] else {}),
    }


def _dependencies(here: SupervisionHere) -> Iterator[dict[str, Any]]:
    """List the hosts behind another, where both are watched by ICMP.

    The first switch of a site is behind its link, whose answer is its own.
    """
    every = (*here["hosts"], *(point for point in here["points"] if _watched(point, here)))
    pinged = {each["name"] for each in every if TEMPLATE in here["classes"][each["kind"]]["templates"]}
    links = {point["address"]: point["name"] for point in reversed(here["points"]) if point["kind"] == "link"}
    for host in here["hosts"]:
        parent = host["parent"] or links.get(host["address"])
        if host["name"] in pinged and parent in pinged:
            yield {"host": host["name"], "parent": parent}


def _town(town: Any) -> dict[str, Any]:
    groups = class_groups(town)
    return {
        "host_groups": [{"name": name} for name in (town["root"], *groups)],
        "templates": _templates(town),
        "media_types": _media_types(town),
        "user_groups": list(_user_groups(town, groups)),
        "users": list(_users(town)),
        "actions": list(_actions(town, groups)),
        "maintenances": freezes(town, groups),
        "services": list(_services(town)),
        "idle_services": [_named(town, town["classes"][kind]["label"]) for kind in _idle(town)],
        "objectives": list(_objectives(town)),
        **town_views(town, groups),
    }


def _other(owner: str, other: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Entry of a host that is no asset: what it has is read over HTTP, so it needs no interface."""
    tags = {OWNER_TAG: owner, "class": "other", "criticality": other["criticality"]}
    return {
        "name": other["name"],
        "label": other["name"],
        "enabled": True,
        "groups": [class_group(root, other["label"])],
        "templates": sorted(other["templates"]),
        **_disabled(other),
        "tags": [{"tag": tag, "value": value} for tag, value in sorted(tags.items())],
        "macros": dict(other["macros"]),
        "secret_macros": {name: {"value": secret} for name, secret in other["secret_macros"].items()},
    }


def _disabled(also: Mapping[str, Any]) -> dict[str, Any]:
    return {name: also[name] for name in DISABLED if also.get(name)}


def _watched(point: Point, here: SupervisionHere) -> bool:
    return point["why"] is None and point["kind"] in here["classes"]


def _point(owner: str, point: Point, here: SupervisionHere) -> dict[str, Any]:
    """Entry of a link, a certificate, an application."""
    entry = here["classes"][point["kind"]]
    ways = {name: value for name in ("address", "dns") if (value := point[name])}
    groups = [class_group(here["root"], entry["label"])]
    if here["group"]:
        groups.append(site_group(here["root"], here["group"]))
    tags = {OWNER_TAG: owner, "class": point["kind"], "criticality": entry["criticality"]}
    tags |= {name: value for name in ("site", "operator") if (value := point[name])}
    return {
        "name": point["name"],
        "label": point["name"],
        "description": point["label"],
        "enabled": True,
        "groups": sorted(groups),
        "templates": sorted(entry["templates"]),
        "interfaces": [{"kind": entry["interface"], **ways}] if ways else [],
        "tags": [{"tag": tag, "value": value} for tag, value in sorted(tags.items())],
        "macros": {**entry["macros"], **point["macros"]},
        "secret_macros": {name: {"value": secret} for name, secret in entry["secret_macros"].items()},
    }


def _templates(town: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List our own templates that something uses."""
    # Imported here: the files are read where a supervision is declared alone.
    from piste.systems.zabbix.templates import files

    used = {name for entry in (*town["classes"].values(), *town["others"]) for name in entry["templates"]}
    used |= set(town["own"])
    return [{"name": name, "content": content} for name, content in files().items() if name in used]


def _host(owner: str, host: WatchedHost, here: SupervisionHere) -> dict[str, Any]:
    entry = here["classes"][host["kind"]]
    also: Any = here["also"].get(host["name"]) or {"templates": [], "macros": {}, "secret_macros": {}}
    secret_macros = {**entry["secret_macros"], **also["secret_macros"]}
    groups = [class_group(here["root"], entry["label"])]
    if here["group"]:
        groups.append(site_group(here["root"], here["group"]))
    tags = {OWNER_TAG: owner, "site": host["site"], "class": host["kind"], "criticality": entry["criticality"]}
    return {
        "name": host["name"],
        "label": host["name"],
        "enabled": True,
        "groups": sorted(groups),
        "templates": sorted({*entry["templates"], *also["templates"]}),
        **_disabled(also),
        "interfaces": [{"kind": entry["interface"], "address": host["address"]}],
        "tags": [{"tag": tag, "value": value} for tag, value in sorted(tags.items())],
        "macros": {**entry["macros"], **also["macros"]},
        "secret_macros": {name: {"value": secret} for name, secret in secret_macros.items()},
        "inventory": {
            "type": entry["label"],
            "location": ", ".join(part for part in (host["site"], host["place"]) if part),
            "serial": host["serial"] or "",
            "vendor": host["maker"] or "",
            "model": host["model"] or "",
            "contract": host["contract"] or "",
            "warranty_until": host["warranty_until"] or "",
            "end_of_life": host["end_of_life"] or "",
        },
    }


def _named(town: Mapping[str, Any], name: str) -> str:
    return f"{town['root']}, {name}"


def _media_types(town: Mapping[str, Any]) -> list[dict[str, Any]]:
    mail = town["mail"]
    if mail is None:
        return []
    domain = mail["sender"].rpartition("@")[2]
    entry = {name: mail[name] for name in ("server", "port", "sender")}
    return [{"name": _named(town, MAIL), "enabled": True, "domain": domain, **entry}]


def _user_groups(town: Mapping[str, Any], groups: list[str]) -> Iterator[dict[str, Any]]:
    rights = dict.fromkeys(groups, "read")
    if town["readers"]:
        yield {"name": _named(town, READERS), "rights": rights}
    if town["mail"] and town["recipients"]:
        yield {"name": _named(town, RECIPIENTS), "frontend": "none", "rights": rights}


def _users(town: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List the accounts: readers sign in with a password, recipients only receive."""
    for reader in town["readers"]:
        yield {
            "username": reader["id"],
            "surname": reader["label"],
            "role": "User role",
            "groups": [_named(town, READERS)],
            "password": reader["password"],
        }
    for recipient in town["recipients"] if town["mail"] else ():
        media = {"type": _named(town, MAIL), "to": recipient["mails"], "severity": recipient["severity"]}
        yield {
            "username": recipient["id"],
            "surname": recipient["label"],
            "role": "User role",
            "groups": [_named(town, RECIPIENTS)],
            "media": [media],
        }


def _actions(town: Mapping[str, Any], groups: list[str]) -> Iterator[dict[str, Any]]:
    for recipient in town["recipients"] if town["mail"] else ():
        name, severity = _named(town, f"prévenir {recipient['label']}"), recipient["severity"]
        yield {
            "name": name,
            "enabled": True,
            "severity": severity,
            "groups": groups,
            "users": [recipient["id"]],
        }


def _services(town: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List a service a class with an objective and a watched host: its problems of availability."""
    for kind, entry in town["classes"].items():
        objectives = [objective["id"] for objective in town["objectives"] if kind in objective["classes"]]
        if objectives and kind in town["present"]:
            yield {
                "name": _named(town, entry["label"]),
                "problems": [{"tag": "class", "value": kind}, {"tag": "scope", "value": "availability"}],
                "tags": [{"tag": "objective", "value": name} for name in objectives],
            }


def _idle(town: Mapping[str, Any]) -> list[str]:
    """List the classes of objectives without a host: their services would be available for ever."""
    wanted = {kind for objective in town["objectives"] for kind in objective["classes"]}
    return [kind for kind in town["classes"] if kind in wanted and kind not in town["present"]]


def _said(town: Mapping[str, Any], objective: Mapping[str, Any]) -> str:
    """Describe an objective: what it does not count, and whether its value is an example."""
    idle = [town["classes"][kind]["label"] for kind in _idle(town) if kind in objective["classes"]]
    parts = [f"Ne compte pas : {', '.join(idle)} (aucun hôte surveillé)"] if idle else []
    parts += ["À confirmer : valeur d’exemple"] if objective["status"] == "to_confirm" else []
    return ". ".join(parts)


def objective_name(town: Mapping[str, Any], objective: Mapping[str, Any]) -> str:
    return _named(town, objective["label"])


def _objectives(town: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    # Imported here: a derivation that is kept needs no calendar.
    from datetime import UTC, datetime

    for objective in town["objectives"]:
        since = datetime.fromisoformat(objective["since"]).replace(tzinfo=UTC)
        yield {
            "name": objective_name(town, objective),
            "period": objective["period"],
            "availability": objective["availability"],
            "since": int(since.timestamp()),
            "timezone": town["timezone"],
            "hours": counted(objective["hours"]),
            "services": [{"tag": "objective", "value": objective["id"]}],
            "description": _said(town, objective),
        }
