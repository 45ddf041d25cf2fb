"""Intent of a site or of the town for the SMC: the `config` of each module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from netaddr import IPNetwork

from piste.systems.forcepoint.access_intent import access_elements
from piste.systems.forcepoint.engine_intent import ENGINES, engine_elements, engine_intent
from piste.systems.forcepoint.references import ANY

if TYPE_CHECKING:
    from piste.town.model.flows.firewall import (
        FirewallElement,
        FirewallEngine,
        FirewallRule,
        FirewallSection,
        FirewallTranslation,
        TownFirewall,
    )
    from piste.town.model.site import Commune, Site

Config = list[dict[str, Any]]

_TYPES = {
    "network": "network",
    "host": "host",
    "range": "address_range",
    "group": "group",
    "tcp": "tcp_service",
    "udp": "udp_service",
    "icmp": "icmp_service",
    "ip": "ip_service",
    "sites": "url_list_application",
    "category": "url_category",
    "category_group": "url_category_group",
    "service_group": "service_group",
}
_GROUPS = ("group", "service_group")
_CELLS: tuple[Literal["sources", "destinations", "services"], ...] = ("sources", "destinations", "services")
_ACTIONS = {"allow": "allow", "deny": "discard"}
_INSPECTION = {"intrusions": "deep_inspection", "files": "file_filtering", "tls": "decrypting"}
_POLICY = "fw_policy"


def smc_intent(owner: Site | Commune) -> dict[str, Any]:
    """Intent of a derived site, or of the town: options of each task, by kind.

    `{elements, ended, kept, policies, keep, installations, installed}`, and those of `engine_intent`. The town owns the
    elements that the rules of sites name, and installs: `installed` is the whole content of the policy at that moment.
    `kept` are the elements by which the rules to `keep` know administration.
    """
    firewall = owner["firewall"]
    if "sections" not in firewall:
        entry = _section(firewall["policy"], firewall["section"], firewall["log"])
        policies = [{**entry, "before": firewall["before"]}]
        nothing: Config = []
        none = {"ended": [], "elements": nothing, "kept": nothing, "installations": nothing, "installed": nothing}
        return {**none, **engine_intent(owner), "policies": policies, "keep": firewall["keep"]}
    own = [section for section in firewall["sections"] if section["owner"] == owner["id"]]
    policy = f"{_POLICY}/{firewall['policy']}"
    return {
        **engine_intent(owner),
        "elements": [*map(_element, firewall["elements"]), *_of_the_engine(owner), *_of_the_access(owner)],
        "ended": [f"vpn/{firewall['policy']}-*"],
        "kept": _references(_kept(firewall)),
        "policies": _policy(firewall, own),
        "keep": firewall["keep"],
        "installations": [{"engine": _engine(engine), "policy": policy} for engine in firewall["engines"]],
        "installed": _policy(firewall, firewall["sections"]),
    }


def _of_the_engine(owner: Site | Commune) -> Iterator[dict[str, Any]]:
    return engine_elements(owner) if "firewall_engine" in owner else iter(())


def _of_the_access(owner: Site | Commune) -> Iterator[dict[str, Any]]:
    if "remote_access" in owner and "sections" in owner["firewall"]:
        policy, engines = owner["firewall"]["policy"], owner["firewall"]["engines"]
        yield from access_elements(owner["remote_access"], policy, [_engine(engine) for engine in engines])


def _kept(firewall: TownFirewall) -> list[str]:
    """Sources and services of the rules to keep, with the members of groups."""
    rules = [rule for section in firewall["sections"] for rule in section["rules"] if rule["id"] in firewall["keep"]]
    groups = [element for element in firewall["elements"] if element["kind"] in _GROUPS]
    members = {f"{group['kind']}/{group['name']}": group["values"] for group in groups}
    names: list[str] = []
    todo = [name for rule in rules for name in (*rule["sources"], *rule["services"]) if name != ANY]
    while todo:
        names.append(todo.pop())
        todo += [name for name in members.get(names[-1], ()) if name not in names]
    return sorted(set(names))


def _engine(engine: FirewallEngine) -> str:
    return f"{ENGINES[engine['kind']]}/{engine['name']}"


def _policy(firewall: TownFirewall, sections: Sequence[FirewallSection]) -> Config:
    """Entries of the policy and of some sections, in order; the first has the translations."""
    whole = {
        "type": _POLICY,
        "name": firewall["policy"],
        "scope": "whole",
        "template": f"fw_template_policy/{firewall['template']}",
    }
    if inspection := firewall["inspection"]:
        named = {
            "inspection_policy": ("inspection_template_policy", inspection["policy"]),
            "file_filtering_policy": ("file_filtering_policy", inspection["files"]),
        }
        whole |= {field: f"{kind}/{name}" for field, (kind, name) in named.items() if name}
    parts = [_section(firewall["policy"], section, firewall["log"]) for section in sections]
    parts[0] |= {"ipv4_nat": [_translation(translation) for translation in firewall["translations"]]}
    return [whole, *parts]


def _element(element: FirewallElement) -> dict[str, Any]:
    kind, values = element["kind"], element["values"]
    config = {"type": _TYPES[kind], "name": element["name"], "comment": element["comment"]}
    if kind in _GROUPS:
        return config | {"members": _references(values)}
    if kind == "sites":
        return config | {"urls": values}
    (value,) = values
    return config | _value(kind, value)


def _value(kind: str, value: str) -> dict[str, Any]:
    if kind in ("network", "host"):
        version = IPNetwork(value).version
        names = {"network": f"ipv{version}_network", "host": "address" if version == 4 else "ipv6_address"}
        return {names[kind]: value}
    if kind == "range":
        return {"ip_range": value}
    return {"ports": value} if kind in ("tcp", "udp") else {{"icmp": "icmp_type", "ip": "protocol"}[kind]: int(value)}


def _references(names: Iterable[str]) -> list[str]:
    return [name if name == ANY else _reference(*name.split("/", 1)) for name in names]


def _reference(kind: str, name: str) -> str:
    return f"{_TYPES[kind]}/{name}"


def _section(policy: str, section: FirewallSection, log: str) -> dict[str, Any]:
    rules = section["rules"]
    return {
        "type": _POLICY,
        "name": policy,
        "scope": f"section:{section['title']}",
        **{
            f"ipv{version}_access": [_rule(rule, log) for rule in rules if version in rule["versions"]]
            for version in (4, 6)
        },
    }


def _rule(rule: FirewallRule, log: str) -> dict[str, Any]:
    looked = rule["inspection"] if rule["action"] == "allow" else None
    return {
        "id": rule["id"],
        "name": rule["id"],
        "comment": rule["comment"],
        **{cell: _references(rule[cell]) for cell in _CELLS},
        "action": [_ACTIONS[rule["action"]]],
        "log": log,
        **({} if looked is None else {field: name in looked for name, field in _INSPECTION.items()}),
    }


def _translation(translation: FirewallTranslation) -> dict[str, Any]:
    config: dict[str, Any] = {
        "id": translation["id"],
        "name": translation["id"],
        "comment": translation["comment"],
        **{cell: _references(translation[cell]) for cell in _CELLS},
    }
    if translation["source"]:
        return config | {"dynamic_src_nat": {"to": [{"address": translation["source"]}]}}
    (original,) = _references(translation["destinations"])
    (translated,) = _references([translation["server"]] if translation["server"] else [])
    return config | {"static_dst_nat": {"original": {"element": original}, "translated": {"element": translated}}}
