"""What makes a GPO less than whole: halves that disagree, and what a change that was cut has left behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from piste.windows.gpo import acl, extensions
from piste.windows.gpo.part import FOLDERS, Content, Pair, Side
from piste.windows.gpo.side import Parts
from piste.windows.gpo.stored import EXTENSIONS, Stored
from piste.words import agreed


def defects(stored: Stored, contents: Mapping[Side, Content], parts: Parts, domain_sid: str) -> list[str]:
    """In French, a line each; none for a GPO that is whole."""
    found = []
    if not stored.exists:
        found.append("son dossier manque dans SYSVOL")
    elif stored.file_version is None:
        found.append("GPT.INI manque ou ne dit pas de version")
    elif stored.file_version != stored.version:
        found.append(f"GPT.INI dit la version {stored.file_version}, l'annuaire {stored.version}")
    if stored.marker is not None:
        found.append("un changement a été interrompu")
    for side, content in contents.items():
        found += [_illegible(side, path) for path in parts.illegible(content)]
        if not _legible(stored.lists[side]):
            found.append(f"{EXTENSIONS[side]} est illisible")
        elif lacking := parts.needed(content) - content.pairs:
            count = agreed(len(lacking), "extension(s)")
            found.append(f"{EXTENSIONS[side]} n'annonce pas {count} dont le contenu a besoin")
    if stored.folder is not None and not acl.same_access(stored.folder.dacl, acl.of_folder(stored.descriptor).dacl):
        found.append("les droits de son dossier ne sont pas ceux de l'annuaire")
    if not acl.readable(stored.descriptor.dacl, domain_sid):
        found.append("les ordinateurs ne peuvent pas la lire, elle ne s'applique donc à personne")
    return found


def _illegible(side: Side, path: str) -> str:
    return f"{FOLDERS[side]}/{path} est illisible, Windows n'en applique rien"


def repaired(found: list[str], contents: Mapping[Side, Content], written: Mapping[Side, Iterable[str]]) -> list[str]:
    """The defects that a change ends: all but the documents that it does not write."""
    kept = {
        _illegible(side, path)
        for side, content in contents.items()
        for path in Parts.illegible(content)
        if path.casefold() not in map(str.casefold, written[side])
    }
    return [defect for defect in found if defect not in kept]


def _legible(text: str) -> bool:
    try:
        extensions.parse(text)
    except ValueError:
        return False
    return True


def halted(stored: Stored, side: Side) -> frozenset[Pair]:
    """The extension pairs that a change that was cut was about to take away."""
    dropped = (stored.marker or {}).get("dropped", {})
    text = dropped.get(side) if isinstance(dropped, Mapping) else ""
    return extensions.parse(text) if isinstance(text, str) and _legible(text) else frozenset()
