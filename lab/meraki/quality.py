"""Quality of service of the switches of a network: rules, and their order."""

from __future__ import annotations

from lab.meraki.call import Call
from lab.meraki.errors import not_found, refused
from lab.meraki.world import Json, merge

PORTS = ("srcPort", "srcPortRange", "dstPort", "dstPortRange")


def _rules_of(call: Call) -> dict[str, Json]:
    """Return the rules of a network by id, in order."""
    return call.network.setdefault("qos", {})  # type: ignore[no-any-return]


def rules(call: Call) -> list[Json]:
    return [{"id": known, **content} for known, content in _rules_of(call).items()]


def rule(call: Call) -> Json:
    known = _known(call)
    return {"id": known, **_rules_of(call)[known]}


def create(call: Call) -> Json:
    made = _checked({"protocol": "ANY", "dscp": 0, **call.body})
    known = call.world.new_id()
    _rules_of(call)[known] = made
    return {"id": known, **made}


def update(call: Call) -> Json:
    known = _known(call)
    _rules_of(call)[known] = _checked(merge(_rules_of(call)[known], call.body))
    return rule(call)


def delete(call: Call) -> None:
    del _rules_of(call)[_known(call)]


def order(call: Call) -> Json:
    return {"ruleIds": list(_rules_of(call))}


def reorder(call: Call) -> Json:
    wanted, known = call.body["ruleIds"], _rules_of(call)
    if sorted(wanted) != sorted(known):
        raise refused("'ruleIds' must hold every rule of the network, once")
    call.network["qos"] = {rule_id: known[rule_id] for rule_id in wanted}
    return order(call)


def _checked(made: Json) -> Json:
    errors = []
    if made["protocol"] == "ANY" and any(made.get(port) for port in PORTS):
        errors.append("Ports are only allowed with protocol TCP or UDP")
    for side in ("src", "dst"):
        if made.get(f"{side}Port") is not None and made.get(f"{side}PortRange"):
            errors.append(f"'{side}Port' and '{side}PortRange' exclude each other")
    if errors:
        raise refused(*errors)
    return {key: value for key, value in made.items() if key == "vlan" or value not in (None, "")}


def _known(call: Call) -> str:
    if call.ids["qosRuleId"] not in _rules_of(call):
        raise not_found("QoS rule")
    return call.ids["qosRuleId"]
