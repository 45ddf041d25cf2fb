"""Users and groups in a GPO: read as names, written as SIDs, checked before the first write."""

from __future__ import annotations

import re

from piste.systems.windows.gpo.part import Principals
from piste.systems.windows.virtual_accounts import is_virtual

_SID = re.compile(r"S-1-[0-9]+(?:-[0-9]+)+")


def named(text: str, principals: Principals) -> str:
    """Name of `*SID`; any other text is a name."""
    return principals.name(text[1:]) if text.startswith("*") else text


def sid_of(name: str, principals: Principals) -> str:
    """SID of a name. A SID, which names an unknown principal, stays."""
    return name if _SID.fullmatch(name) else principals.sid(name)


def refused(name: str, principals: Principals) -> str:
    """Reason why a name may not be declared, in French; empty where it may."""
    if _SID.fullmatch(name):
        known = principals.name(name)
        if known != name:
            return f"« {name} » s’écrit par son nom, « {known} »"
        return "" if is_virtual(name) else f"« {name} » est inconnu du domaine"
    try:
        known = principals.name(principals.sid(name))
    except KeyError:
        return f"« {name} » est inconnu du domaine"
    return "" if known == name else f"« {name} » s’écrit « {known} »"
