"""Operations on the reach that may change more than what the lines say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from piste.sites.consequences.flows import KINDS as REACH
from piste.sites.consequences.followed import following
from piste.sites.consequences.form import Consequence
from piste.sites.consequences.links import POLICIES
from piste.sites.consequences.touches import OF_SSID, ROUTES, prefixes, strays, window
from piste.systems.forcepoint.filtering import filter_rules
from piste.systems.meraki.filtering import access_list, ssid_rules
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.traffic import addresses

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.town.model.derived import Derived
    from piste.town.model.flows.filtering import FilterRule

_OF_PORTS = frozenset({"enabled", "type", "vlan", "voice_vlan", "allowed_vlans"})
_CARRIED = frozenset({"access", "trunk"})
"""The types of ports whose VLANs are computed."""
_CELLS = ("sources", "destinations", "services")
KINDS = (*REACH, "rf_profile")
"""The kinds whose operations may do more than the lines say."""
_SIDES: tuple[Side, Side] = ("before", "after")
_INEXACT = "une règle change, qui ne se calcule pas (nom de domaine, utilisateur, heures, VLAN, renvoi)"


def doubts(town: Derived, sides: Sides, places: Iterable[int]) -> Iterator[Consequence]:
    """Yield a line for each operation of these places whose effect is not known."""
    for at in places:
        operation = sides.operations[at]
        if why := _why(town, sides, operation):
            who = f"ce qui dépend de {operation['kind']} {operation['label']}"
            yield Consequence("reach", "unknown", who, "inconnu", (at,), unknown=why)


def _why(town: Derived, sides: Sides, operation: Item) -> str:
    kind = operation["kind"]
    if kind == "rf_profile":
        followed = [name for side in _SIDES for name in following(sides, side, operation).values()]
        unknown = operation["action"] != "create" and operation["key"] not in followed
        return "aucune borne lue ne le suit, et celles que personne ne déclare ne sont pas lues" if unknown else ""
    old, new = (operation["content"][side] or {} for side in ("before", "after"))
    if kind == "switch_port":
        ports = {f"{device['serial']}/{port['port']}" for site in town.sites.values() for device in site["devices"]
                 for port in device["ports"]}  # fmt: skip
        strange = operation["key"] not in ports and {*operation["fields"]} & _OF_PORTS
        if strange:
            return "personne ne déclare ce port : ce qui y est branché n’est pas connu"
        kinds = {str(side.get("type") or "trunk") for side in (old, new) if side.get("enabled", True)} - _CARRIED
        if kinds and {*operation["fields"]} & _OF_PORTS:
            return f"ce que porte un port « {', '.join(sorted(kinds))} » ne se calcule pas"
        return _of_policies(sides, operation, old, new)
    if kind == "policy":
        return _of_policy(sides, old, new)
    if kind == "ssid":
        if {*operation["fields"]} & OF_SSID and (strays(old) or strays(new)):
            return "ses clients ne sont dans aucun segment connu : ni étiquette, ni adresse de la ville"
        rules = [rule for side in (old, new) for rule in (side.get("l3_firewall") or {}).get("rules") or ()]
        return _INEXACT if "l3_firewall" in operation["fields"] and any(map(by_name, rules)) else ""
    if kind == "network_settings":
        parts = window(*((side.get("access_lists") or {}).get("rules") or [] for side in (old, new)))
        listed = [access_list(part, "x") for part in parts]
        return "" if all(_exact((*each.requests, *each.answers)) for each in listed) else _INEXACT
    if kind in ROUTES:
        known = Ranges.union(
            addresses(gateway["subnet"]) for site in town.sites.values() for gateway in site["gateways"]
        )  # fmt: skip
        beyond = [prefix for prefix in prefixes(kind, old, new) if not addresses(prefix) & known]
        return f"la route vers {', '.join(beyond)} change, et rien ne dit qui est au bout" if beyond else ""
    return ""


def _of_policies(sides: Sides, operation: Item, old: Item, new: Item) -> str:
    """Name the access policies that a port leaves or takes, and that nobody has read."""
    names = [side.get("access_policy") if side.get("enabled", True) else None for side in (old, new)]
    if names[0] == names[1] or not all(names):
        return ""
    unread = [str(name) for side, name in zip(("before", "after"), names, strict=True)
              if (operation["owner"], name) not in sides.objects(POLICIES, side)]  # type: ignore[arg-type] # fmt: skip
    listed = ", ".join(f"« {name} »" for name in unread)
    return f"la politique d’accès {listed} n’est pas lue : où va ce qui n’est pas admis" if unread else ""


def _of_policy(sides: Sides, old: Item, new: Item) -> str:
    for entry in ("ipv4_access", "ipv6_access"):
        parts = window(old.get(entry) or [], new.get(entry) or [])
        for side, part in zip(("before", "after"), parts, strict=True):
            elements = sides.rules(side).elements  # type: ignore[arg-type]
            if any(_doubtful(elements, entry, rule) for rule in part):
                return _INEXACT
    if any(old.get(name) != new.get(name) for name in ("ipv4_nat", "ipv6_nat")):
        return "une traduction d’adresses change : sous quelle adresse on sort n’est pas calculé"
    if old.get("template") == new.get("template"):
        return ""
    return "la politique change de modèle" if new else "la politique disparaît : ce qui la remplace n’est pas connu"


def by_name(rule: Item) -> bool:
    """Tell whether a rule of an SSID is about a name."""
    made = ssid_rules({"name": "x", "l3_firewall": {"rules": [rule]}})
    return not made or not _exact(made)


def _doubtful(elements: Sequence[Item], entry: str, rule: Item) -> bool:
    """Tell whether a rule is not computed whole: a refusal that depends on more is left out."""
    decides = {*_CELLS} <= rule.keys() and not rule.get("disabled") and ["none"] not in [rule[cell] for cell in _CELLS]
    policy: dict[str, Any] = {"type": "fw_policy", "name": "x", "scope": "whole", entry: [rule]}
    made = filter_rules(elements, [policy], "x") if decides else []
    return not _exact(made) or (decides and not made and "continue" not in rule["action"])


def _exact(rules: Iterable[FilterRule]) -> bool:
    return all(rule.exact for rule in rules)
