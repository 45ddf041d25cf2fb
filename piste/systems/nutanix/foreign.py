"""Foreign objects: those of another tool, which Piste reads and counts but never writes.

A town's Citrix desktops live on its cluster, where Citrix creates, changes and removes them. The declaration describes
foreign objects by category, by a pattern of their name, by project or by owner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from piste.engine.converge.reading import listed, mapped, text
from piste.engine.converge.resource import Field

FOREIGN = Field(
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
class Foreign:
    """Declared marks of the objects of another tool."""

    tool: str = "un autre outil"
    categories: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @classmethod
    def of(cls, declared: Mapping[str, Any] | None) -> Foreign:
        given = declared or {}
        lists = [tuple(map(str, given.get(name) or ())) for name in ("categories", "names", "projects", "owners")]
        return cls(str(given.get("tool") or "un autre outil"), *lists)

    def named(self, name: str) -> str:
        """Reason for which an object of that name is foreign; empty where it is not."""
        patterns = (pattern for pattern in self.names if fnmatchcase(name.casefold(), pattern.casefold()))
        match = next(patterns, "")
        return match and f"{self.tool}, par son nom ({match})"

    def marks(self, category: str) -> bool:
        """Tell whether a category, `key/value`, marks the objects of the other tool."""
        named = category.replace("/", ":", 1)
        return named in self.categories or named.partition(":")[0] in self.categories

    def why(self, document: Mapping[str, Any], categories: Callable[[], Mapping[str, str]]) -> str:
        """Reason for which a live object is foreign; empty where it is not.

        `categories` gives the names of categories by id; it is called only where they matter.
        """
        if named := self.named(text(document.get("name") or "")):
            return named
        if self.categories:
            known = categories()
            ext_ids = [category["extId"] for category in listed(document.get("categories"))]
            for ext_id in [*ext_ids, *listed(document.get("categoryExtIds"))]:
                pair = known.get(str(ext_id), "")
                if pair and (pair in self.categories or pair.partition(":")[0] in self.categories):
                    return f"{self.tool}, par sa catégorie ({pair})"
        project = document.get("projectExtId") or mapped(document.get("project")).get("extId")
        if project in self.projects:
            return f"{self.tool}, par son projet"
        owner = mapped(mapped(document.get("ownershipInfo")).get("owner")).get("extId") or document.get("ownerExtId")
        return f"{self.tool}, par son propriétaire" if owner and owner in self.owners else ""
