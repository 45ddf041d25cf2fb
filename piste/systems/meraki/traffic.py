"""Traffic on the switches of a network: access lists, quality, alternate management.

Source: Dashboard API, `updateNetworkSwitchAccessControlLists`, `createNetworkSwitchQosRule`,
`updateNetworkSwitchQosRulesOrder`, `updateNetworkSwitchAlternateManagementInterface`. Access lists hold for the whole
network and keep no state: each direction is a rule. A rule of quality has no name; its place is another document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from piste.engine.converge.errors import Rejected
from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Operation
from piste.engine.converge.reading import listed, mapped
from piste.engine.converge.resource import Field
from piste.engine.converge.values import stable
from piste.engine.words import agreed
from piste.systems.meraki.batches import Write
from piste.systems.meraki.driver import DIRECT, At
from piste.town.model.routing.models import NO_VLAN_IN_RULES, access_rules

_N = "/networks/{network_id}"
QUALITY_ORDER = f"{_N}/switch/qosRules/order"
"""The document that gives the rules of quality their order."""
LAST_RULE = "Default rule"
"""Comment of the rule that the system adds to every access list, and that no request may contain."""


def cidr(value: str) -> str:
    """Spell a prefix, or `any`. Raises ValueError."""
    text = value.strip().lower()
    return text if text == "any" else str(ip_network(text))


def _without_last(document: Any) -> dict[str, Any]:
    """Leave out the rule that the system adds [belief meraki.default_rule]."""
    rules = [mapped(rule) for rule in listed(document["rules"])]
    return {"rules": rules[:-1] if rules and rules[-1].get("comment") == LAST_RULE else rules}


ACCESS_LISTS = Field(
    "access_lists",
    "What the switches let pass between their VLANs; all that no rule names passes.",
    type="dict",
    part=At(f"{_N}/switch/accessControlLists", verb=DIRECT, decode=_without_last, initial={"rules": []}),
    of=(
        Field(
            "rules",
            "Rules, in order; each direction is a rule.",
            type="list",
            required=True,
            of=(
                Field("comment", "Why.", default=""),
                Field("policy", "Verdict.", choices=("allow", "deny"), required=True),
                Field("ip_version", "Version of IP.", choices=("any", "ipv4", "ipv6"), default="ipv4"),
                Field("protocol", "Protocol.", choices=("any", "tcp", "udp"), default="any"),
                Field("src_cidr", "Source, a prefix or C(any).", normalise=cidr, default="any"),
                Field("src_port", "Port of the source.", normalise=str.lower, default="any"),
                Field("dst_cidr", "Destination, a prefix or C(any).", normalise=cidr, default="any"),
                Field("dst_port", "Port of the destination.", normalise=str.lower, default="any"),
                Field("vlan", "VLAN of the traffic, a text.", normalise=str.lower, default="any"),
            ),
        ),
    ),
)


WITHDRAWN = Field(
    "withdrawn",
    "Rules that leave the access list, which keeps those of others; it replaces the rules of C(access_lists).",
    type="list",
)
LIST_LENGTHS = Field("list_lengths", "Rules that a list of a model holds at most, where people say it.", type="dict")


def _port(name: str, doc: str) -> Field:
    return Field(name, doc, type="int", nullable=True, default=None, minimum=1, maximum=65535)


QUALITY = Field(
    "quality",
    "Priorities of traffic, in order: the first rule that fits counts.",
    type="dict",
    part=At(f"{_N}/switch/qosRules", f"{_N}/switch/qosRules/{{id}}", initial={"rules": []}, listed=True),
    of=(
        Field(
            "rules",
            "Rules.",
            type="list",
            required=True,
            of=(
                Field(
                    "vlan",
                    "VLAN of the traffic; null for all.",
                    type="int",
                    nullable=True,
                    default=None,
                    minimum=1,
                    maximum=4094,
                ),
                Field("protocol", "Protocol.", choices=("ANY", "TCP", "UDP"), default="ANY"),
                _port("src_port", "Port of the source; null for all."),
                Field("src_port_range", "Ports of the source, C(70-80)."),
                _port("dst_port", "Port of the destination; null for all."),
                Field("dst_port_range", "Ports of the destination, C(5060-5061)."),
                Field(
                    "dscp",
                    "Mark of the packets; -1 leaves theirs.",
                    type="int",
                    default=0,
                    minimum=-1,
                    maximum=63,
                ),
            ),
        ),
    ),
)
RULE = QUALITY.of[0].of

ALTERNATE_MANAGEMENT = Field(
    "alternate_management",
    "Interface by which the switches speak to some servers, beside their management address.",
    type="dict",
    guard="management",
    part=At(f"{_N}/switch/alternateManagementInterface", initial={"enabled": False, "switches": []}),
    of=(
        Field("enabled", "Whether it is used.", type="bool"),
        Field("vlan", "Its VLAN.", type="int", wire="vlanId", minimum=1, maximum=4094),
        Field(
            "protocols",
            "What goes by it.",
            type="list",
            unordered=True,
            choices=("radius", "snmp", "syslog"),
        ),
        Field(
            "switches",
            "Addresses of the switches.",
            type="list",
            unordered=True,
            identity=("serial",),
            of=(
                Field("serial", "Serial number.", required=True, normalise=str.upper),
                Field("address", "Address.", wire="alternateManagementIp", required=True),
                Field("subnet_mask", "Mask, dotted."),
                Field("gateway", "Gateway."),
            ),
        ),
    ),
)


def drops_widely(operation: Operation) -> bool:
    """True where a new access list drops what goes from or to anywhere."""
    before, after = (content or {} for content in (operation.before, operation.after))
    rules = (after.get(ACCESS_LISTS.name) or {}).get("rules", ())
    return stable(after.get(ACCESS_LISTS.name)) != stable(before.get(ACCESS_LISTS.name)) and any(
        rule["policy"] == "deny" and "any" in (rule["src_cidr"], rule["dst_cidr"]) for rule in rules
    )


def without(rules: Sequence[Mapping[str, Any]], withdrawn: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """List the rules that stay where some leave."""
    return [rule for rule in rules if not any(mine.items() <= rule.items() for mine in withdrawn)]


def leaving(operation: Operation, *, withdrawn: bool = False) -> list[str]:
    """Name the rules that leave an access list; people may have made them."""
    both = (((content or {}).get(ACCESS_LISTS.name) or {}) for content in (operation.before, operation.after))
    before, after = (content.get("rules", ()) for content in both)
    kept = {rule["comment"] for rule in after}
    gone = [rule["comment"] or "sans commentaire" for rule in before if rule["comment"] not in kept]
    return gone if kept or withdrawn else []


def refuse_rules(
    operations: Sequence[Operation], scope: str, models: Callable[[], set[str]], lengths: Mapping[str, int]
) -> None:
    """Refuse a list that a switch of the network does not hold, or a rule that it ignores.

    A list that only loses rules is no worse than it was.
    """
    rules: list[Mapping[str, Any]] = []
    for known in operations:
        before, after = (
            ((side or {}).get(ACCESS_LISTS.name) or {}).get("rules", ()) for side in (known.before, known.after)
        )
        rules += after if any(rule not in before for rule in after) else ()
    if many := [rule["comment"] for rule in rules if {"-", ","} & {*str(rule["src_port"]), *str(rule["dst_port"])}]:
        raise Rejected(
            f"{agreed(len(many), 'règle(s)')} à plusieurs ports dans les listes d’accès : {', '.join(many)}",
            where=scope,
            why="Une règle de commutateur n’a ni plage ni liste de ports.",
            todo="Une règle par port, ou le protocole entier (any).",
        )
    named = [rule["comment"] or rule["vlan"] for rule in rules if rule["vlan"] != "any"]
    here = models() if rules else set[str]()
    figures = {model: access_rules(model, lengths.get(model)) for model in sorted(here)}
    if unsaid := [model for model, most in figures.items() if most is None]:
        raise Rejected(
            f"{agreed(len(rules), 'règle(s)')} dans la liste d’accès",
            where=scope,
            why=f"Rien ne dit combien de règles tient un {', un '.join(unsaid)}, qui est dans ce réseau.",
            todo="Relevez-le sur la fiche du modèle, et dites-le (hardware, access_rules).",
        )
    if full := [
        f"un {model} n’en tient pas plus de {most}" for model, most in figures.items() if len(rules) > (most or 0)
    ]:
        raise Rejected(
            f"{agreed(len(rules), 'règle(s)')} dans la liste d’accès",
            where=scope,
            why=f"U{', '.join(full)[1:]}.",
            todo="Restreignez les flux du site, ou réunissez des préfixes.",
        )
    deaf = sorted(model for model in here if model.startswith(NO_VLAN_IN_RULES))
    if named and deaf:
        raise Rejected(
            f"{agreed(len(named), 'règle(s)')} par VLAN dans les listes d’accès : {', '.join(named)}",
            where=scope,
            why=f"Un {', un '.join(deaf)} l’accepterait et ne l’appliquerait pas.",
            todo="Dites-les par préfixe, sans vlan.",
        )


def first_priorities(operation: Operation) -> bool:
    """True where a spanning tree without any priority gets its first, and no more."""
    old, new = ((content or {}).get("stp") or {} for content in (operation.before, operation.after))
    same = stable(old.get("rstp_enabled")) == stable(new.get("rstp_enabled"))
    return same and not old.get("stp_bridge_priority") and bool(new.get("stp_bridge_priority"))


def quality_writes(
    operation: Operation, paths: tuple[str, str], live: Sequence[Mapping[str, Any]], old: Any, new: Any
) -> Iterator[Write]:
    """Yield the writes that turn the rules `old` into `new`.

    `live` are the wire documents of the old; `paths` are those of the list and, with `{id}`, of a rule.
    """
    each, rest = paths[1], [(str(document["id"]), rule) for document, rule in zip(live, old, strict=True)]
    for rule in new:
        match = next((pair for pair in rest if _same(pair[1], rule)), None)
        if match is None:
            yield Write(operation, paths[0], _body(rule), "create", "POST")
            continue
        rest.remove(match)
        if match[1].get("dscp") != rule.get("dscp"):
            yield Write(operation, each.format(id=match[0]), {"dscp": rule["dscp"]})
    for identifier, _ in rest:
        yield Write(operation, each.format(id=identifier), {}, "destroy", "DELETE")


def in_order(live: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]], wanted: Any) -> list[str]:
    """List the ids of `live`, whose normal form is `rules`, in the order of `wanted`."""
    rest = [(str(document["id"]), rule) for document, rule in zip(live, rules, strict=True)]
    ids: list[str] = []
    for rule in wanted:
        match = next((pair for pair in rest if _same(pair[1], rule)), None)
        if match is not None:
            rest.remove(match)
            ids.append(match[0])
    return [*ids, *(identifier for identifier, _ in rest)]


def _same(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """True for two rules of the same traffic, whatever its mark."""
    return stable({**left, "dscp": None}) == stable({**right, "dscp": None})


def _body(rule: Mapping[str, Any]) -> dict[str, Any]:
    body = to_wire(RULE, rule, {})
    return {name: value for name, value in body.items() if value is not None or name == "vlan"}
