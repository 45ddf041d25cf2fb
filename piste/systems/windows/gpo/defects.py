"""Defects of a GPO: halves that disagree, and the traces of an interrupted change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from piste.engine.words import agreed
from piste.systems.windows.gpo import acl, extensions
from piste.systems.windows.gpo.part import FOLDERS, Content, Pair, Side
from piste.systems.windows.gpo.side import Parts
from piste.systems.windows.gpo.stored import EXTENSIONS, Stored


def defects(stored: Stored, contents: Mapping[Side, Content], parts: Parts, domain_sid: str) -> list[str]:
    """List the defects of a GPO in French, a line each."""
    faults = []
    if not stored.exists:
        faults.append("son dossier manque dans SYSVOL")
    elif stored.file_version is None:
        faults.append("GPT.INI manque ou ne dit pas de version")
    elif stored.file_version != stored.version:
        faults.append(f"GPT.INI dit la version {stored.file_version}, l’annuaire {stored.version}")
    if stored.marker is not None:
        faults.append("un changement a été interrompu")
    for side, content in contents.items():
        faults += [_illegible(side, path) for path in parts.illegible(content)]
        if not _legible(stored.lists[side]):
            faults.append(f"{EXTENSIONS[side]} est illisible")
        elif lacking := parts.needed(content) - content.pairs:
            count = agreed(len(lacking), "extension(s)")
            faults.append(f"{EXTENSIONS[side]} n’annonce pas {count} dont le contenu a besoin")
    if stored.folder is not None and not acl.same_access(stored.folder.dacl, acl.of_folder(stored.descriptor).dacl):
        faults.append("les droits de son dossier ne sont pas ceux de l’annuaire")
    if not acl.readable(stored.descriptor.dacl, domain_sid):
        faults.append("les ordinateurs ne peuvent pas la lire, elle ne s’applique donc à personne")
    return faults


def _illegible(side: Side, path: str) -> str:
    return f"{FOLDERS[side]}/{path} est illisible, Windows n’en applique rien"


def repaired(present: list[str], contents: Mapping[Side, Content], written: Mapping[Side, Iterable[str]]) -> list[str]:
    """Defects that a change ends: all, except the documents that it does not write."""
    kept = {
        _illegible(side, path)
        for side, content in contents.items()
        for path in Parts.illegible(content)
        if path.casefold() not in map(str.casefold, written[side])
    }
    return [defect for defect in present if defect not in kept]


def _legible(text: str) -> bool:
    try:
        extensions.parse(text)
    except ValueError:
        return False
    return True


def halted(stored: Stored, side: Side) -> frozenset[Pair]:
    """Extension pairs that an interrupted change was about to remove."""
    dropped = (stored.marker or {}).get("dropped", {})
    text = dropped.get(side) if isinstance(dropped, Mapping) else ""
    return extensions.parse(text) if isinstance(text, str) and _legible(text) else frozenset()
