"""The export of a domain, read for a replay: as data, whole, or not at all.

Ansible trusts what `include_vars` reads as its own templates. It never evaluates what this module answers, and an
unmarked text that it would evaluate is refused. No name from the export becomes a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, content, of_yaml, survey
from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.converge.text import on_one_line
from piste.engine.words import agreed
from piste.exports.bag import schemas
from piste.exports.bag.kinds import BESIDE, DOMAINS, KINDS, Kind

OWNER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""The name of the file of a site, which becomes the owner of its objects."""


class NotAnExport(PisteError):
    """The folder is not that of an export; nothing was replayed."""

    code = "PISTE-E082"
    kind = "refused"


def read(folder: Path, domain: str) -> Any:
    """Read the kinds of a domain by name; `{owner, network, config}` a file of the network.

    Raises with all faults.
    """
    kinds = [kind for kind in KINDS if kind.domain == domain]
    late: dict[str, Any] = {kind.name: [] for kind in kinds if kind.late}
    files = {path.stem: path for path in _files(folder, domain, kinds)}
    by_name: dict[str, dict[str, Any]] = {}
    faults: list[tuple[str, str]] = []
    for name, path in files.items():
        place = f"{domain}/{path.name}"
        try:
            value = of_yaml(content(path), marked=True)
        except Unreadable as error:
            faults += error.at(place)
            continue
        if kinds[0].per_site and isinstance(value, dict):
            value = late | value
        schema = schemas.of_site(kinds) if kinds[0].per_site else schemas.of_kind(_named(kinds, name))
        faults += [(place, fault) for fault in schemas.faults(schema, value)]
        by_name[name] = value
    if faults:
        raise _refusal(folder, faults)
    if kinds[0].per_site:
        return [
            {"owner": name, "network": value.pop("network"), "config": value} for name, value in sorted(by_name.items())
        ]
    return late | {name: value for part in by_name.values() for name, value in part.items()}


def _named(kinds: list[Kind], name: str) -> Kind:
    return next(kind for kind in kinds if kind.name == name)


def _files(folder: Path, domain: str, kinds: list[Kind]) -> list[Path]:
    """List the files of a domain, by kind or by site. Raises for a file missing or too many."""
    there, odd = survey(folder / domain)
    faults = [(f"{domain}/{place}".removesuffix("/."), why) for place, why in odd]
    wanted = {kind.name for kind in kinds}
    taken = []
    for path in there:
        place = path.relative_to(folder).as_posix()
        if path.parent != folder / domain or path.suffix != ".yml":
            faults.append((place, "en trop : un export n’a pas ce fichier"))
        elif path.stem in BESIDE.get(domain, ()):
            continue
        elif kinds[0].per_site and not OWNER.fullmatch(path.stem):
            faults.append((place, "ce nom n’est pas celui d’un site"))
        elif not kinds[0].per_site and path.stem not in wanted:
            faults.append((place, "en trop : un export n’a pas ce fichier"))
        else:
            taken.append(path)
    if not odd:
        faults += _absent(domain, kinds, {path.stem for path in taken})
    if faults:
        raise _refusal(folder, faults)
    return taken


def _absent(domain: str, kinds: list[Kind], there: set[str]) -> Iterator[tuple[str, str]]:
    if kinds[0].per_site and not there:
        yield domain, "aucun fichier de site"
    elif not kinds[0].per_site:
        lacking = [kind.name for kind in kinds if not kind.late and kind.name not in there]
        yield from ((f"{domain}/{name}.yml", "absent") for name in lacking)


def _refusal(folder: Path, faults: list[tuple[str, str]]) -> NotAnExport:
    listing = "\n".join(on_one_line(f"  - {place} : {why}") for place, why in faults)
    return NotAnExport(
        f"{agreed(len(faults), 'défaut(s)')} dans cet export, rien n’a été redit",
        where=on_one_line(str(folder)),
        todo=f"Refaites l’export, ou corrigez :\n{listing}",
    )


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    return {"changed": False, "content": read(Path(params["folder"]), params["domain"])}


MODULES: Mapping[str, Module] = {
    "piste_exported": Module(
        name="piste_exported",
        options=(
            Field("folder", "Folder of the export; that of the domain is in it.", type="path", required=True),
            Field("domain", "Domain to read.", required=True, choices=DOMAINS),
        ),
        run=_run,
    )
}
