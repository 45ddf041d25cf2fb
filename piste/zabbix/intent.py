"""Intent of an owner for Zabbix: the `config` of each module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from piste.zabbix.hosts import OWNER_TAG

if TYPE_CHECKING:
    from piste.model.site import Commune, Site
    from piste.model.supervision.derived import ClassHere, SupervisionHere, WatchedHost

KINDS = ("host_groups", "hosts")


def zabbix_intent(owner: Site | Commune) -> dict[str, Any]:
    """Intent of an owner: `config` by kind; empty lists where no supervision is declared."""
    supervision: Any = owner["supervision"]
    nothing: dict[str, Any] = {"watched": supervision is not None, **{kind: [] for kind in KINDS}}
    if supervision is None:
        return nothing
    town = supervision if "sites" in supervision else None
    return {
        **nothing,
        "host_groups": [{"name": name} for name in (_town_groups(town) if town else _groups(supervision))],
        "hosts": [_host(owner["id"], host, supervision, town) for host in supervision["hosts"]],
    }


def site_group(root: str, name: str) -> str:
    return f"{root}/Sites/{name}"


def class_group(root: str, label: str) -> str:
    return f"{root}/Classes/{label}"


def _town_groups(town: Mapping[str, Any]) -> list[str]:
    labels = sorted({entry["label"] for entry in town["classes"].values()})
    return [town["root"], *(class_group(town["root"], label) for label in labels)]


def _groups(here: SupervisionHere) -> list[str]:
    return [site_group(here["root"], here["group"])] if here["group"] else []


def _host(owner: str, host: WatchedHost, here: SupervisionHere, town: Mapping[str, Any] | None) -> dict[str, Any]:
    """Entry of a host; a host of the town lies in the group of its site, which the site makes."""
    entry: ClassHere = here["classes"][host["kind"]]
    groups = [class_group(here["root"], entry["label"])]
    if here["group"] and not town:
        groups.append(site_group(here["root"], here["group"]))
    tags = {OWNER_TAG: owner, "site": host["site"], "class": host["kind"], "criticality": entry["criticality"]}
    return {
        "name": host["name"],
        "label": host["name"],
        "groups": sorted(groups),
        "templates": sorted(entry["templates"]),
        "interfaces": [{"kind": entry["interface"], "address": host["address"]}],
        "tags": [{"tag": tag, "value": value} for tag, value in sorted(tags.items())],
        "macros": dict(entry["macros"]),
        "secret_macros": {name: {"value": {"secret": path}} for name, path in entry["secret_macros"].items()},
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
