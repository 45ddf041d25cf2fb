"""Filters that ask the table of kinds."""

from __future__ import annotations

from collections.abc import Iterable


def domains(modules: Iterable[str]) -> list[str]:
    """List the domains of some modules of kinds, in the order of converging."""
    # Imported here: Ansible loads this file in every run.
    from piste.systems.kinds import BY_MODULE, DOMAINS

    asked = {BY_MODULE[str(name)].domain for name in modules}
    return [domain for domain in DOMAINS if domain in asked]


class FilterModule:
    def filters(self) -> dict[str, object]:
        return {"piste_domains": domains}
