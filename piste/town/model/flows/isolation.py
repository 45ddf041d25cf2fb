"""Isolation of guests, the public, schools and neighbours, over all that filters."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from .accesses import accesses, declared_rules, others
from .administration import needed_flows
from .declared import declared_flows
from .number_ranges import Ranges
from .policy import FIREWALL, exceptions
from .reach import ISOLATED, isolation
from .traffic import addresses, say_addresses

if TYPE_CHECKING:
    from ..paths import KeyPath
    from ..view import View
    from .reach import Reached


def check_segments(view: View) -> None:
    """M107: an isolated segment reaches only declared exceptions of the town; guests, nothing."""
    # Two segments on the same addresses cannot be distinguished.
    if any(fault.rule in ("PISTE-M010", "PISTE-M012") for fault in view.faults):
        return
    policy, sites = view.matrix.town, view.sites.values()
    town = Ranges.union(map(addresses, policy["prefixes"]))
    reported: set[tuple[str, str]] = set()
    every = [*accesses(sites, declared_rules(sites)), *others(policy)]
    every = [access for access in every if access.zone in ISOLATED]
    for verdict in isolation(every, view.filters, town, exceptions(policy, view.rules.rules)):
        for traffic in verdict.wrong:
            cause = _cause(view, traffic)
            if (verdict.access.segment, cause) not in reported:
                reported.add((verdict.access.segment, cause))
                _violated(view, traffic, cause)


def _cause(view: View, traffic: Reached) -> str:
    """Name the flow, the translation or the segment to mend."""
    if traffic.changed:
        return traffic.changed
    rule = traffic.rules[-1]
    if rule.system != FIREWALL:
        return traffic.access.segment
    return view.flow_of[rule.id]


def _violated(view: View, traffic: Reached, cause: str) -> None:
    access, town = traffic.access, view.declared.town
    where, reach = f"{access.site}, segment {access.segment}", ", ".join(say_addresses(traffic.arrives)[:3])
    rules = " puis ".join(f"« {rule.id} » ({rule.system})" for rule in traffic.rules)
    message = f"{where} : atteint {reach} par {rules}"
    flows = chain(needed_flows(view.declared), declared_flows(view.declared))
    flow = next((flow for flow in flows if flow.id == cause), None)
    if flow and traffic.changed is None:
        view.faults.add("PISTE-M107", flow.path, flow.mark(), message)
        return
    at: KeyPath = ("translations", cause) if traffic.changed else ("segment_catalogue", cause, "plan", "gateway")
    path = f"translations[{cause}]" if traffic.changed else f"segment_catalogue[{cause}].plan.gateway"
    view.faults.add("PISTE-M107", path, town.where(at), message)
