"""Small worlds for the parts of a GPO: one side, a directory of a few names."""

from __future__ import annotations

from typing import Final

from piste.systems.windows.gpo.part import Content
from piste.systems.windows.gpo.registry_pol import Entry

DOMAIN: Final = "S-1-5-21-1-2-3"


class Directory:
    """Principals of a small domain."""

    known: Final = {
        "Administrators": "S-1-5-32-544",
        "Users": "S-1-5-32-545",
        "GG-Police": f"{DOMAIN}-1104",
        "GG-Support": f"{DOMAIN}-1105",
    }

    def name(self, sid: str) -> str:
        return next((name for name, known in self.known.items() if known == sid), sid)

    def sid(self, name: str) -> str:
        """SID of a name, whatever its case, as in a directory."""
        return {known.casefold(): sid for known, sid in self.known.items()}[name.casefold()]


NOBODY: Final = Directory()


def side(*entries: Entry) -> Content:
    """Computer's side of a GPO that holds these entries."""
    return Content(side="computer", gpo="Ville - Essai", registry=list(entries))
