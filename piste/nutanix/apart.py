"""What another tool owns: objects that Piste reads, counts, and otherwise leaves alone whatever is asked of it.

A town's Citrix desktops live on its cluster and are made, changed and removed by Citrix. Which objects these are is
declared: by category, by a pattern of their name, by project, by owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from piste.converge.reading import listed, mapped, text
from piste.converge.resource import Field

APART = Field(
    "apart",
    "What belongs to another tool (a Citrix site, say) and is never planned, written or removed; an export counts it.",
    type="dict",
    default={},
    of=(
        Field("tool", "What people call that tool.", default="un autre outil"),
        Field("categories", "Categories of its objects, C(key:value), or C(key) for all its values.", type="list"),
        Field("names", "Patterns of their names, with C(*) and C(?), whatever the case.", type="list"),
        Field("projects", "Identifiers of the projects that they are in.", type="list"),
        Field("owners", "Identifiers of the accounts that own them.", type="list"),
    ),
)


@dataclass(frozen=True, slots=True)
class Apart:
    tool: str = "un autre outil"
    categories: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @classmethod
    def of(cls, declared: Mapping[str, Any] | None) -> Apart:
        given = declared or {}
        lists = [tuple(map(str, given.get(name) or ())) for name in ("categories", "names", "projects", "owners")]
        return cls(str(given.get("tool") or "un autre outil"), *lists)

    def named(self, name: str) -> str:
        """Why an object of that name is another tool's; empty where it is not."""
        found = next((pattern for pattern in self.names if fnmatchcase(name.casefold(), pattern.casefold())), "")
        return found and f"{self.tool}, par son nom ({found})"

    def why(self, document: Mapping[str, Any], categories: Callable[[], Mapping[str, str]]) -> str:
        """Why a live object is another tool's; empty where it is not. ``categories`` gives names by id."""
        if named := self.named(text(document.get("name") or "")):
            return named
        if self.categories:
            known = categories()
            held = [one["extId"] for one in listed(document.get("categories"))]
            for ext_id in [*held, *listed(document.get("categoryExtIds"))]:
                pair = known.get(str(ext_id), "")
                if pair and (pair in self.categories or pair.partition(":")[0] in self.categories):
                    return f"{self.tool}, par sa catégorie ({pair})"
        project = document.get("projectExtId") or mapped(document.get("project")).get("extId")
        if project in self.projects:
            return f"{self.tool}, par son projet"
        owner = mapped(mapped(document.get("ownershipInfo")).get("owner")).get("extId") or document.get("ownerExtId")
        return f"{self.tool}, par son propriétaire" if owner and owner in self.owners else ""
