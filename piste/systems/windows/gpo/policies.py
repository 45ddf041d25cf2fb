"""Administrative templates by readable name, over `Registry.pol` (MS-GPREG).

Believed: [belief windows.admx], [belief windows.sleep], [belief windows.sleep_blockers], [belief windows.updates],
[belief windows.lock], [belief windows.asr].
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.edits import changes
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.policy import Policy
from piste.systems.windows.gpo.registry_pol import Entry

FIELD = Field(
    "policies",
    "Administrative-template settings by readable name (`power.sleep_after_ac`), each with its value; also those of the"
    " site's own ADMX files, as `FILE:policy` or by the path that the editor shows.",
    type="map",
    elements="raw",
)


class Names:
    """Policies by canonical name; several spellings may lead to the same policy.

    `synonyms`: other name → canonical names, several where the name is ambiguous.
    """

    def __init__(self, policies: Iterable[Policy], synonyms: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.by_name = {policy.name: policy for policy in policies}
        self.synonyms = synonyms or {}

    def canonical(self, name: str) -> str:
        """Canonical name; the name itself where it is unknown or ambiguous, for the check to say so."""
        names = self.synonyms.get(name.casefold(), ())
        return names[0] if len(names) == 1 and name not in self.by_name else name

    def why_not(self, name: str) -> str:
        """Reason why a name leads to no policy, in French."""
        if several := self.synonyms.get(name.casefold()):
            return f"plusieurs stratégies portent ce nom : {', '.join(several)}"
        near = difflib.get_close_matches(name, self.by_name, n=3)
        return "stratégie inconnue" + (
            f", vouliez-vous dire {' ou '.join(f'« {other} »' for other in near)} ?" if near else ""
        )


class Policies:
    """The part `policies`. An entry that no value of its policy can express stays raw."""

    def __init__(
        self,
        names: Names,
        field: Field = FIELD,
        pairs: Callable[[Content], frozenset[Pair]] = extensions.administrative,
    ) -> None:
        self.names, self._pairs = names, pairs
        self.field = replace(field, normalise_key=names.canonical)
        self.sides: frozenset[Side] = frozenset().union(*(policy.sides for policy in names.by_name.values()))
        self._by_place: dict[tuple[str, str], list[str]] = {}
        for policy in names.by_name.values():
            for place in policy.places():
                self._by_place.setdefault(place, []).append(policy.name)

    def take(self, content: Content, principals: Principals) -> dict[str, Any] | None:
        result: dict[str, Any] = {}
        for policy in self._near(content.registry):
            entries = [entry for entry in content.registry if policy.concerns(entry)]
            if not entries or content.side not in policy.sides:
                continue
            try:
                result[policy.name] = policy.read(entries)
            except ValueError:
                continue
            content.registry[:] = [entry for entry in content.registry if not policy.concerns(entry)]
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        for name, _, value in changes(before, after):
            policy = self.names.by_name[name]
            desired = [] if value is None else policy.write(value)
            registry_pol.replace(content.registry, policy.concerns, desired)

    def pairs(self, content: Content) -> frozenset[Pair]:
        return self._pairs(content)

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        return self.misfits(value or {}, path)

    def misfits(self, value: Mapping[str, Any], path: str) -> list[Fault]:
        """Faults of settings, whatever the domain; `path` ends with the side and the section."""
        faults = []
        side = next((side for side in self.sides if path.endswith(f"{side}.{self.field.name}")), None)
        for name, desired in value.items():
            where = f"{path}[{name}]"
            policy = self.names.by_name.get(name)
            if policy is None:
                faults.append(Fault(where, self.names.why_not(name)))
                continue
            if side is not None and side not in policy.sides:
                faults.append(Fault(where, f"cette stratégie s’écrit sous {' ou '.join(sorted(policy.sides))}"))
            if desired is not None and (reason := _misfit(policy, desired)):
                faults.append(Fault(where, reason))
        return faults

    def _near(self, entries: Iterable[Entry]) -> list[Policy]:
        """Policies that these entries may be about, once each, in the order of `names`."""
        places = {place for entry in entries for place in (registry_pol.identity(entry), (entry.key.casefold(), ""))}
        near = {name for place in places for name in self._by_place.get(place, ())}
        return [policy for name, policy in self.names.by_name.items() if name in near]


def _misfit(policy: Policy, value: Any) -> str:
    try:
        policy.write(value)
    except ValueError as error:
        return f"{error}"
    return ""
