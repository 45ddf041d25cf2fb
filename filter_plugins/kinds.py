"""Filters that ask the table of kinds."""

from __future__ import annotations

from collections.abc import Iterable


def domains(modules: Iterable[str]) -> list[str]:
    """List the domains of some modules of kinds, in the order of converging."""
    # Imported here: Ansible loads this file in every run.
    from piste.systems.kinds import BY_MODULE, DOMAINS

    # The modules of accounts are those of no kind: the role calls them by their names.
    asked = {BY_MODULE[name].domain for name in map(str, modules) if not name.endswith("_administrators")}
    return [domain for domain in DOMAINS if domain in asked]


class FilterModule:
    def filters(self) -> dict[str, object]:
        return {"piste_domains": domains}
