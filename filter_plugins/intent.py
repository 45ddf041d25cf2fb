"""Filters from a derived site to the intent of each system, and from a reading to YAML."""

from __future__ import annotations

from typing import Any

# Nothing else is imported before a filter is called: Ansible loads this file in every run.


def _intent(domain: str, owner: Any, **environment: Any) -> Any:
    from piste.runs.dispatch import plain
    from piste.town.derived import compute

    return compute(domain, plain(owner), **plain(environment))


def _as_declaration(value: Any) -> str:
    from piste.engine.converge.text import as_declaration
    from piste.runs.dispatch import plain

    return as_declaration(plain(value))


def _unread(elements: Any, policies: Any) -> Any:
    from piste.runs.dispatch import plain
    from piste.systems.forcepoint.filtering import unread

    return unread(plain(elements), plain(policies))


class FilterModule:
    def filters(self) -> dict[str, object]:
        return {
            "as_declaration": _as_declaration,
            "meraki_intent": lambda site, previous=(): _intent("network", site, previous=previous),
            "nps_intent": lambda owner, probe="": _intent("access", owner, probe=str(probe)),
            "prism_intent": lambda owner: _intent("hosting", owner),
            "smc_intent": lambda owner: _intent("firewall", owner),
            "smc_unread": _unread,
        }
