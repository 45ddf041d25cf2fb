"""Remarks on a GPO besides its value: defects, and undeclared content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from piste.engine.converge.plan import Item
from piste.engine.converge.resource import Field, Resource
from piste.systems.windows.gpo.foreign import FOREIGN, described
from piste.systems.windows.gpo.stored import SIDES


def remarks(resource: Resource, name: str, item: Item, desired: Item | None) -> Iterator[str]:
    """Remarks on undeclared content of declared sections, on foreign content, and on defects."""
    for which in SIDES:
        yield from (f"gpo {name} : {which}.{where} {_SIGN_ON}" for where in _by_logon((desired or {}).get(which, {})))
    for defect in item.get("defects", ()) if desired is None else ():
        yield f"gpo {name} : {defect}"
    if (desired or {}).get("exclusive"):
        return
    for which in SIDES:
        for section in resource.field(which).of:
            entries, claimed = item[which].get(section.name), (desired or {}).get(which, {}).get(section.name)
            if section.name == FOREIGN.field.name:
                others = {path: text for path, text in (entries or {}).items() if path not in (claimed or {})}
                extras = [(section.name, described(which, others))]
            else:
                extras = list(_unclaimed(section, entries, claimed)) if claimed is not None else []
            for where, extra in extras:
                if extra:
                    yield f"gpo {name} : {which}.{where} contient aussi, non déclaré et gardé : {', '.join(extra)}"


_SIGN_ON = (
    "demande le mot de passe de la session (windows_logon) : Credential Guard, actif d’origine sur Windows 11 22H2 "
    "Entreprise et Éducation, l’empêche, et ces postes n’entreront pas d’eux-mêmes. Préférez tls (passage-802.1x.md)"
)


def _by_logon(side: Mapping[str, Any]) -> Iterator[str]:
    """Declared 802.1X profiles that sign on with the password of the session."""
    profiles = {"wired": side.get("wired") or {}}
    for ssid, profile in ((side.get("wireless") or {}).get("ssids") or {}).items():
        profiles[f"wireless.ssids.{ssid}"] = profile or {}
    for where, profile in profiles.items():
        inner, logon = profile.get("inner", "mschapv2"), profile.get("windows_logon", True)
        if profile.get("eap") == "peap" and inner == "mschapv2" and logon:
            yield where


def _unclaimed(field: Field, entries: Any, claimed: Any) -> Iterator[tuple[str, list[str]]]:
    """Undeclared live entries, by their map."""
    if field.type == "map" and isinstance(entries, Mapping):
        mine = {str(key).casefold() for key in claimed or ()}
        yield field.name, [str(key) for key in entries if str(key).casefold() not in mine]
    elif field.type == "dict" and isinstance(entries, Mapping):
        for inner in field.of:
            for where, extra in _unclaimed(inner, entries.get(inner.name), (claimed or {}).get(inner.name)):
                yield f"{field.name}.{where}", extra
