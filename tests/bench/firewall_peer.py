"""The work of the bench, done with the vendor's Python library as well as it allows.

A process of its own: `python -m tests.bench.firewall_peer <orders.json>`. Rules are made from the last to the first,
since a rule without a place comes first; each is compared and moved by reference, elements being listed once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from smc import session
from smc.api.exceptions import ElementNotFound
from smc.elements.network import Host
from smc.elements.service import TCPService
from smc.policy.layer3 import FirewallPolicy


def main() -> int:
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    session.login(url=orders["url"], api_key=orders["api_key"], api_version=orders["api_version"])
    hosts = {host.name: host.href for host in Host.objects.all()}
    service = TCPService("HTTPS").href
    changed = converge(orders["policy"], orders["rules"], hosts, service)
    session.logout()
    print(changed)
    return 0


def converge(name: str, rules: list[dict[str, str]], hosts: dict[str, str], service: str) -> int:
    """Make, compare and order the rules of a policy; return how many were written."""
    try:
        policy = FirewallPolicy.get(name)
    except ElementNotFound:
        policy = FirewallPolicy.create(name=name, template="Firewall Inspection Template")
    existing = {rule.name: rule for rule in policy.fw_ipv4_access_rules.all()}
    changed = 0
    for wanted in reversed(rules):
        values: dict[str, Any] = {
            "sources": [hosts[wanted["source"]]],
            "destinations": [hosts[wanted["to"]]],
            "services": [service],
        }
        rule = existing.get(wanted["name"])
        if rule is None:
            policy.fw_ipv4_access_rules.create(name=wanted["name"], action="allow", **values)
            changed += 1
        elif differs(rule, values):
            rule.update(**values)
            changed += 1
    return changed + order(policy, [wanted["name"] for wanted in rules])


def differs(rule: Any, values: dict[str, Any]) -> bool:
    return any(getattr(rule, cell).all_as_href() != wanted for cell, wanted in values.items())


def order(policy: Any, wanted: list[str]) -> int:
    """Put the rules in order and return how many moved; a move is a copy and a removal."""
    rules = {rule.name: rule for rule in policy.fw_ipv4_access_rules.all()}
    names, moved = [name for name in rules if name in set(wanted)], 0
    for at, name in enumerate(wanted):
        if names[at] != name:
            names.remove(name)
            names.insert(at, name)
            if at:
                rules[name].move_rule_after(rules[wanted[at - 1]])
            else:
                rules[name].move_rule_before(rules[names[1]])
            rules = {rule.name: rule for rule in policy.fw_ipv4_access_rules.all()}
            moved += 1
    return moved


if __name__ == "__main__":
    sys.exit(main())
