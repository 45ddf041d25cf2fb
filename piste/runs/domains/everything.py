"""The declarations of all owners in a domain, with which what lives is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from piste.town.derived import intent, owners

if TYPE_CHECKING:
    from piste.runs.domains.domain import Domain


class Everything:
    """The declarations of all owners in a domain.

    Sites that are planned or closed declare nothing that must be live.
    """

    def __init__(self, domain: Domain, environment: Mapping[str, Any]) -> None:
        self.owners = owners()
        self._domain, self._environment = domain.name, environment
        self._kinds = {kind.name: kind for kind in domain.kinds}

    @cached_property
    def intents(self) -> dict[str, Mapping[str, Any]]:
        serving = [name for name, owner in self.owners.items() if owner["lifecycle"] not in ("planned", "closed")]
        return {name: intent(self._domain, name, **self._environment) for name in serving}

    @property
    def town(self) -> Mapping[str, Any]:
        """The intent of the town, whose host comes first."""
        return next(iter(self.intents.values()))

    def options(self, names: Sequence[str]) -> dict[str, Any]:
        return {name: self.town[name] for name in names if name in self.town}

    def items(self, name: str) -> list[Mapping[str, Any]]:
        """List the declared objects of a kind."""
        part = self._kinds[name].part
        return [item for declared in self.intents.values() for item in declared[part]]

    def keys(self, name: str, *fields: str) -> list[str]:
        """List the names of a kind's objects, declared or kept as found."""
        named = ["/".join(str(item[field]) for field in fields) for item in self.items(name)]
        return [*named, *self.kept(name)]

    def kept(self, name: str) -> dict[str, Any]:
        """Give what is kept as found of a kind, by its key."""
        table = self._kinds[name].table
        by_owner = [self.owners[owner]["as_found"].get(table.system, {}).get(table.name, {}) for owner in self.intents]
        return {key: entry for entries in by_owner for key, entry in entries.items()}
