"""The documents of the town and its sites in an environment: their sources, their writing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from piste.engine.converge import bounded
from piste.engine.converge.errors import Missing, Misused
from piste.engine.repository import ROOT, commit
from piste.papers.dossier.document import Document, Kind, Origin, kinds, make
from piste.papers.dossier.forms import PNG, write
from piste.papers.dossier.identity import Identity
from piste.papers.dossier.interface_plan import Party
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import About, Commune, Subject
from piste.papers.dossier.verification_record import latest
from piste.sites.crossings import crossings
from piste.sites.flows import Picture, declared_rules
from piste.sites.trials import nexus
from piste.sites.verified import folder
from piste.town.model import Town
from piste.town.model.wording import closest

LARGEST_LOGO = 1 << 20
"""Bytes of a logo: each document has it."""


class Made(NamedTuple):
    """Make a document that is due; None where its tests were not made."""

    about: About
    kind: Kind[Any]
    document: Document | None


def establish(
    town: Town, names: Sequence[str], environment: str, out: Path, tests: Path | None = None
) -> Iterator[Made]:
    """Write the documents of each subject (site, town, third party), in its folder below `out`.

    Raises, before the first is written, `Missing` for an undeclared name, `Misused` for tests of another environment.
    """
    due, source = subjects(town, names, environment, tests), origin(town, environment)
    for subject in due:
        about = subject.about
        for kind in kinds(subject):
            if kind.observed and about.observed is None:
                yield Made(about, kind, None)
                continue
            made = make(kind, subject, source)
            write(made, out / about.id)
            yield Made(about, kind, made)


def subjects(
    town: Town, names: Sequence[str], environment: str, tests: Path | None = None
) -> list[Subject | Commune | Party]:
    """Gather the sources of the documents.

    `all` is the town, its sites in service, and the third parties with whom an interface plan is due. Raises as
    `establish`.
    """
    in_service = [name for name, owner in town.owners.items() if owner["lifecycle"] in ("open", "closing")]
    known = parties(town)
    for name in names:
        if name not in ("all", *town.owners, *known):
            what = f"« {name} » n’est ni un site de la déclaration, ni un tiers avec qui la Ville a un plan d’interface"
            raise Missing(what, todo=closest(name, [*town.sites, *known]))
    due, day = [*in_service, *known] if "all" in names else names, _date(commit()[0])[:10]
    return [known[name] if name in known else _subject(town, name, environment, tests, day) for name in due]


def parties(town: Town) -> dict[str, Party]:
    """Give the third parties with whom an interface plan is due or declared, by name."""
    entries = town.commune["third_parties"] if town.commune else ()
    return {entry["id"]: Party(entry, town) for entry in entries if entry["plan_due"] or entry["interface"]}


def _subject(town: Town, name: str, environment: str, tests: Path | None, day: str) -> Subject | Commune:
    if name not in town.sites:
        return Commune(town, read_plan(), day, crossings(town, Picture(town, declared_rules(town))))
    record, place = latest(tests or folder(environment), name) or (None, None)
    if record and record.environment != environment:
        fault = f"la vérification {record.id} est celle de « {record.environment} », pas de « {environment} »"
        raise Misused(fault, where=str(place), todo="Donnez le dossier des vérifications de cet environnement.")
    return replace(declared(town, name), verification=record, evidence=place, day=day)


def declared(town: Town, name: str) -> Subject:
    """Gather a site for its documents, without its tests."""
    names = {known: site["name"] for known, site in town.sites.items()}
    return Subject(town.sites[name], town.name, names, nexus=nexus(town, town.sites[name]))


def origin(town: Town, environment: str) -> Origin:
    """Describe the origin of the documents of a town in an environment."""
    head, clean = commit()
    tools = {name: version(name) for name in ("typst", "jinja2")}
    identity = Identity(town.documents, _logo(town.documents.logo)) if town.documents else None
    return Origin(environment, _date(head), head, clean, town.digest, tools, identity)


def _logo(name: str | None) -> bytes:
    """Read the logo that the declaration names. Raises `Misused` where it is no small image."""
    if name is None:
        return b""
    path = ROOT / "docs" / name
    try:
        content = bounded.content(path, LARGEST_LOGO)
    except (OSError, bounded.Unreadable) as error:
        raise Misused(f"le logo {path} ne se lit pas", why=str(error), todo="Corrigez documents.logo.") from error
    if not content.startswith(PNG) and b"<svg" not in content[:2000]:
        raise Misused(f"{path} n’est ni un PNG, ni un SVG", todo="Donnez un logo dans l’un de ces formats.")
    return content


def _date(head: str) -> str:
    """Read the moment of a commit; now where there is none."""
    if not head:
        return datetime.now(UTC).isoformat(timespec="seconds")
    shown = subprocess.run(
        ["git", "-C", str(ROOT), "show", "-s", "--format=%cI", head], capture_output=True, text=True, check=True
    )
    return shown.stdout.strip()
