"""A directory of a few names, as the parts of a GPO query it."""

from __future__ import annotations

from dataclasses import dataclass, field

DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
BASE = "DC=ad,DC=ville,DC=test"


@dataclass
class Directory:
    """Principals by name, organizational units by path."""

    sids: dict[str, str] = field(
        default_factory=lambda: {
            "GG-Police": f"{DOMAIN_SID}-1104",
            "GG-Agents": f"{DOMAIN_SID}-1105",
            "marie.durand": f"{DOMAIN_SID}-1201",
            "BUILTIN\\Administrators": "S-1-5-32-544",
        }
    )
    units: dict[str, str] = field(
        default_factory=lambda: {"Ville/Ecoles": f"OU=Ecoles,OU=Ville,{BASE}", "Ville": f"OU=Ville,{BASE}"}
    )

    def sid(self, name: str) -> str:
        return self.sids[name]

    def name(self, sid: str) -> str:
        return next((name for name, known in self.sids.items() if known == sid), sid)

    def unit_dn(self, path: str) -> str:
        return self.units[path]

    def unit(self, dn: str) -> str:
        return next(path for path, at in self.units.items() if at == dn) if dn in self.units.values() else _raise(dn)


def _raise(dn: str) -> str:
    raise KeyError(dn)
