"""A new site declared from a few answers, and its lifecycle from planned to closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from piste.engine.converge.bounded import Unreadable, of_yaml
from piste.engine.converge.errors import Conflict, Misused
from piste.engine.repository import ROOT
from piste.sites.declaring import TOWN, differences, validated, write_files
from piste.town.model import Commune, Site, Town
from piste.town.model.checklist import checklist
from piste.town.model.dates import today
from piste.town.model.declaration import read_declaration
from piste.town.model.faults import Faults
from piste.town.model.identity import Lifecycle
from piste.town.model.inventory import read_inventory
from piste.town.model.new_site import (
    Answers,
    Known,
    Proposal,
    Unanswerable,
    host_vars,
    playbook,
    propose,
    with_host,
    with_lifecycle,
    with_unlinked,
)
from piste.town.model.premises import joining, said
from piste.town.model.wording import explain
from piste.town.town import load_town, refuse_faults

HOSTS = TOWN / "hosts.yml"
THIRD_PARTIES = (
    "Ineo (fibre)",
    "SFR Business (téléphonie)",
    "Kyocera (copieurs)",
    "InMac WStore (matériel)",
    "Bouygues Services (CSU), si le site lui est relié",
)
"""The parties that a new site is coordinated with (CCTP 3.6.7, 4.1.4)."""


class WrongAnswer(Misused):
    """The answers cannot make a site; nothing was written."""

    code = "PISTE-E071"


@dataclass(frozen=True, slots=True)
class Made:
    """A new site: the files to write, by path in the repository; none where all exist."""

    proposal: Proposal
    town: Town
    files: Mapping[Path, str]


def read_answers(path: Path) -> dict[str, Any]:
    """Read a file of answers. Raises WrongAnswer."""
    try:
        given = of_yaml(path.read_bytes())
    except (OSError, Unreadable) as error:
        raise WrongAnswer("le fichier de réponses ne se lit pas", where=str(path), why=str(error)) from error
    if not isinstance(given, dict):
        raise WrongAnswer("le fichier de réponses n’est pas un objet (clés et valeurs)", where=str(path))
    return given


def answers_of(given: Mapping[str, Any]) -> Answers:
    """Validate answers. Raises WrongAnswer with all that is wrong."""
    try:
        return Answers.model_validate(dict(given))
    except ValidationError as error:
        lines = []
        for detail in error.errors(include_url=False):
            _, message, advice = explain(detail, Answers)
            lines.append(f"  - {'.'.join(map(str, detail['loc']))} : {message} {advice}".rstrip())
        raise WrongAnswer(
            "des réponses ne conviennent pas, rien n’a été écrit", todo="\n" + "\n".join(lines)
        ) from error


def known(root: Path = ROOT) -> Known:
    """Gather what the town has already. Raises for a fault of its declaration.

    A file whose host is absent from hosts.yml comes from an interrupted writing; the same answers finish it.
    """
    town = load_town(root / TOWN)
    refuse_faults(replace(town, faults=[fault for fault in town.faults if fault.rule != "PISTE-M021"]))
    faults = Faults()
    inventory = read_inventory(root / TOWN, faults)
    declaration = read_declaration(inventory, faults)
    assert declaration is not None
    return Known.of(inventory, declaration, town.sites)


def make(answers: Answers, beside: Known, root: Path = ROOT) -> Made:
    """Make the files of a new site on a copy, and validate the town with them.

    Raises `WrongAnswer`; `Conflict` where the site exists and differs from these answers; `InvalidDeclaration`.
    """
    try:
        proposal = propose(answers, beside)
        hosts = with_host((root / HOSTS).read_text("utf-8"), answers.category, proposal.id)
        # A site opened since is still the site of these answers.
        own = _file(proposal.id)
        lifecycle = _lifecycle(root, proposal.id)
    except Unanswerable as error:
        raise WrongAnswer(str(error)) from error
    wanted = {
        own: host_vars(proposal, lifecycle),
        Path(f"playbooks/sites/{proposal.id}.yml"): playbook(proposal),
        HOSTS: hosts,
    }
    town = validated(wanted, root)
    list_ = Path(f"docs/sites/{proposal.id}.md")
    # People may have ticked boxes since: their file stays.
    if not (root / list_).exists():
        wanted = {list_: checklist(town.sites[proposal.id], answers, THIRD_PARTIES), **wanted}
    files = {path: text for path, text in wanted.items() if _text_of(root / path) != text}
    others = [str(path) for path in files if path != HOSTS and (root / path).exists()]
    if others:
        raise Conflict(
            f"{proposal.id} est déjà déclaré autrement que ne le feraient ces réponses, rien n’a été écrit",
            where=", ".join(others),
            todo="Changez ces fichiers à la main, ou donnez un autre identifiant (id).",
        )
    return Made(proposal, town, files)


def shown(made: Made, root: Path = ROOT) -> Iterator[str]:
    """List the lines to write: new files whole, the changes of the others."""
    yield from differences(made.files, root)


def write(made: Made, root: Path = ROOT) -> None:
    """Move the files into place, hosts.yml last: until then the town is unchanged."""
    write_files(made.files, root)


def set_lifecycle(site: str, lifecycle: Lifecycle, root: Path = ROOT) -> bool:
    """Write another `lifecycle` in the file of a site, once the town is valid with it.

    Returns whether it changed.
    """
    path = _file(site)
    current = (root / path).read_text("utf-8")
    try:
        text = with_lifecycle(current, lifecycle)
    except Unanswerable as error:
        raise WrongAnswer(str(error), where=str(path)) from error
    if text == current:
        return False
    validated({path: text}, root)
    write_files({path: text}, root)
    return True


def refuse_unlinked(site: Site, town: Commune | None) -> None:
    """Refuse to open a site that no link joins to the town, without a decision in force.

    Raises WrongAnswer.
    """
    unlinked, core = site["premises"]["unlinked"], town["core"] if town else None
    if core is None or core["site"] == site["id"] or joining(site) or (unlinked and not unlinked["expired"]):
        return
    over = f" ; la décision de s’en passer est échue ({said(unlinked)})" if unlinked else ""
    raise WrongAnswer(
        f"« {site['id']} » n’a aucune liaison déclarée vers la ville : ouvert, il serait coupé{over}",
        where=str(_file(site["id"])),
        todo="Déclarez-la, avec le port où elle arrive (premises.links, docs/adresses-et-noms.md) ; sans elle pour un "
        'temps : --without-link "Nom : raison" --until AAAA-MM-JJ.',
    )


def decide_unlinked(site: str, reason: str, until: str, root: Path = ROOT) -> None:
    """Write the decision to open a site without a link.

    Raises WrongAnswer, `InvalidDeclaration`.
    """
    by, colon, why = (part.strip() for part in reason.partition(":"))
    if not (by and colon and why):
        raise WrongAnswer("--without-link doit dire qui en décide, et pourquoi", todo="Donnez « Nom : raison ».")
    path = _file(site)
    try:
        if date.fromisoformat(until) < today():
            raise WrongAnswer(f"--until est déjà passé : {until}", todo="Donnez le dernier jour de la décision.")
        text = with_unlinked((root / path).read_text("utf-8"), by, why, until)
    except Unanswerable as error:
        raise WrongAnswer(str(error), where=str(path)) from error
    except ValueError as error:
        raise WrongAnswer(f"--until n’est pas un jour : {until}", todo="Écrivez AAAA-MM-JJ.") from error
    validated({path: text}, root)
    write_files({path: text}, root)


def carriers(site: Site) -> dict[str, list[str]]:
    """List the ports of other sites that let the VLANs of a site pass, by the site of each."""
    listed: dict[str, list[str]] = {}
    for port in site["far_ports"]:
        listed.setdefault(port["site"], []).append(f"{port['device']}/{port['port']}")
    return listed


def _file(site: str) -> Path:
    return TOWN / "host_vars" / f"{site}.yml"


def _text_of(path: Path) -> str | None:
    with suppress(FileNotFoundError):
        return path.read_text("utf-8")
    return None


def _lifecycle(root: Path, site: str) -> str:
    content = yaml.safe_load(_text_of(root / _file(site)) or "{}") or {}
    return str((content.get("site") or {}).get("lifecycle") or "planned")
