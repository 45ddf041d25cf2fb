"""The inventories of a bag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Row, Table
from piste.sites.life.filing import index
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES, ITIL
from piste.town.model.itil import mapping
from piste.town.model.relations import relations


def _assets(contents: Contents, town: Town) -> Iterator[Row]:
    for asset in town.assets:
        entry = CLASSES[asset["kind"]]
        yield {**asset, "class": asset["kind"], "itil": entry.itil, "glpi": entry.glpi, "watched_by": entry.watch.by}


def _classes(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in CLASSES.values():
        states = Counter(asset["state"] for asset in town.assets if asset["kind"] == entry.name)
        yield {
            "class": entry.name,
            "label": entry.label,
            "itil": entry.itil,
            "itil_label": ITIL[entry.itil],
            "glpi": entry.glpi,
            "mandatory": entry.mandatory,
            "watched_by": entry.watch.by,
            "watch": entry.watch.how or entry.watch.why,
            "readers": entry.readers,
            "count": states.total() - states["retired"],
            "retired": states["retired"],
        }


ASSET_TABLES: tuple[Table, ...] = (
    Table("assets", _assets),
    Table("asset_classes", _classes),
)


def _parties(contents: Contents, town: Town) -> Iterator[Row]:
    for party in town.commune["third_parties"] if town.commune else ():
        plan = party["interface"]
        parts = {name: len(plan[name]) if plan else 0 for name in ("contacts", "delays", "escalation")}
        approval = {name: plan[name] if plan else None for name in ("approved_by", "approved_on")}
        yield {**party, **parts, **approval}


def _plans(contents: Contents, town: Town) -> Iterator[Row]:
    for party in town.commune["third_parties"] if town.commune else ():
        plan = party["interface"]
        for part in ("contacts", "delays", "escalation") if plan else ():
            for rank, item in enumerate(plan[part] if plan else (), 1):
                yield {**item, "third_party": party["id"], "part": part, "rank": rank}


def _contracts(contents: Contents, town: Town) -> Iterator[Row]:
    for contract in town.commune["contracts"] if town.commune else ():
        yield {**contract, **{f"covers_{name}": value for name, value in contract["covers"].items()}}


def _licences(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["licences"] if town.commune else ()


def _applications(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["applications"] if town.commune else ()


def _accounts(contents: Contents, town: Town) -> Iterator[Row]:
    for account in town.commune["accounts"] if town.commune else ():
        secret = account["secret"]
        yield {**account, "secret": secret["secret"] if secret else None}


def _relations(contents: Contents, town: Town) -> Iterator[Row]:
    for kind, source, target in relations(town):
        yield {
            "relation": kind,
            "source_class": source.kind,
            "source": source.name,
            "target_class": target.kind,
            "target": target.name,
        }


def _itil(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in mapping():
        yield {"class": entry.name, "label": entry.label, "itil": entry.itil, "glpi": entry.glpi}


RECORD_TABLES: tuple[Table, ...] = (
    Table("third_parties", _parties),
    Table("interface_plans", _plans),
    Table("contracts", _contracts),
    Table("licences", _licences),
    Table("applications", _applications),
    Table("accounts", _accounts),
    Table("relations", _relations),
    Table("itil_classes", _itil),
)


def _history(contents: Contents, town: Town) -> Iterator[Row]:
    for event in town.history:
        yield event.model_dump()


def _lots(contents: Contents, town: Town) -> Iterator[Row]:
    yield from index(town)


LIFE_TABLES: tuple[Table, ...] = (
    Table("asset_history", _history),
    Table("thin_client_lots", _lots),
)


def _sites(contents: Contents, town: Town) -> Iterator[Row]:
    for name, site in town.sites.items():
        yield {**site, "site": name}


def _segments(contents: Contents, town: Town) -> Iterator[Row]:
    for name, site in town.sites.items():
        for segment in site["segments"].values():
            start, end = (segment["dhcp"]["start"], segment["dhcp"]["end"]) if segment["dhcp"] else (None, None)
            yield {**segment, "site": name, "segment": segment["key"], "dhcp_start": start, "dhcp_end": end}


def _reservations(contents: Contents, town: Town) -> Iterator[Row]:
    for site, derived in town.sites.items():
        for key, segment in derived["segments"].items():
            for name, address in segment["reservations"].items():
                yield {"site": site, "segment": key, "name": name, "address": address}


def observed_models(contents: Contents) -> dict[str, str]:
    """Map the serial of each device in a network to its model, by the Dashboard."""
    return {serial: model for place in contents.places for serial, model in place["models"].items()}


def declared_devices(town: Town) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Map the serial of each declared device to its site and derived device."""
    return {device["serial"]: (name, device) for name, site in town.sites.items() for device in site["devices"]}


_KEPT = ("vlan", "assigned_to", "state", "warranty_until", "end_of_life", "status")


def _devices(contents: Contents, town: Town) -> Iterator[Row]:
    declared, models = declared_devices(town), observed_models(contents)
    live = {item["serial"]: (site, item) for site, item in contents.of("network", "devices")}
    for serial in sorted({*declared, *live}):
        site, device = declared.get(serial, ("", {}))
        where, item = live.get(serial, ("", {}))
        yield {
            "serial": serial,
            "name": item.get("name", device.get("name")),
            "kind": device.get("kind"),
            "model": models.get(serial) or device.get("model"),
            "site": where or site,
            "address": device.get("address"),
            **{name: device.get(name) for name in _KEPT},
            "declared": serial in declared,
            "observed": serial in live,
        }


def _ports(contents: Contents, town: Town) -> Iterator[Row]:
    names = {item["serial"]: item.get("name") for _, item in contents.of("network", "devices")}
    for site, item in contents.of("network", "switch_ports"):
        yield {**item, "site": site, "device": names.get(item["serial"]), "port": item["port_id"]}


def _at_site(domain: str, name: str) -> Callable[[Contents, Town], Iterator[Row]]:
    def rows(contents: Contents, town: Town) -> Iterator[Row]:
        for site, item in contents.of(domain, name):
            yield {**item, "site": site}

    return rows


def _links(contents: Contents, town: Town) -> Iterator[Row]:
    for _, item in contents.of("directory", "gpo_links"):
        for rank, policy in enumerate(item.get("order", ()), 1):
            yield {**item["links"][policy], "target": item["target"], "rank": rank, "policy": policy}


def _rules(contents: Contents, town: Town) -> Iterator[Row]:
    for _, policy in contents.of("firewall", "policies"):
        for name, rules in policy.items():
            section = ""
            for rank, rule in enumerate(rules if isinstance(rules, list) else (), 1):
                section = rule.get("section", section)
                if "section" not in rule:
                    yield {**rule, "policy": policy["name"], "list": name, "rank": rank, "section": section}


def _elements(contents: Contents, town: Town) -> Iterator[Row]:
    for _, item in contents.of("firewall", "elements"):
        rest = {name: value for name, value in item.items() if name not in ("type", "name", "comment")}
        yield {**item, "content": rest}


def references(value: Any) -> Iterator[str]:
    """List the paths of the secrets that data refers to."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            yield value["secret"]
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from references(inner)


def _secrets(contents: Contents, town: Town) -> Iterator[Row]:
    used: dict[str, set[str]] = {}
    for (domain, kind), entries in contents.items.items():
        for path in references([item for _, item in entries]):
            used.setdefault(path, set()).add(f"{domain}/{kind}")
    for path in town.secret_paths():
        used.setdefault(path, set())
    for path in sorted(used):
        yield {"secret": path, "used_by": sorted(used[path])}


TABLES: tuple[Table, ...] = (
    Table("sites", _sites),
    Table("vlans", _segments),
    Table("reservations", _reservations),
    Table("devices", _devices),
    *ASSET_TABLES,
    *RECORD_TABLES,
    *LIFE_TABLES,
    Table("ports", _ports),
    Table("ssids", _at_site("network", "ssids")),
    Table("radius_clients", _at_site("access", "radius_clients")),
    Table("network_policies", _at_site("access", "network_policies")),
    Table("organizational_units", _at_site("directory", "organizational_units")),
    Table("groups", _at_site("directory", "groups")),
    Table("gpos", _at_site("directory", "gpos")),
    Table("gpo_links", _links),
    Table("print_queues", _at_site("printing", "print_queues")),
    Table("firewall_rules", _rules),
    Table("firewall_elements", _elements),
    Table("virtual_machines", _at_site("hosting", "vms")),
    Table("images", _at_site("hosting", "images")),
    Table("secrets", _secrets),
)
