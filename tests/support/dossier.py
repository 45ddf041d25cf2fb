"""A verification of a site with every verdict, its evidence, and the documents made of it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from piste.papers.dossier.blocks import Table
from piste.papers.dossier.document import Document, Origin, kinds, make
from piste.papers.dossier.identity import Identity
from piste.papers.dossier.interface_plan import Party
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune, Subject
from piste.papers.dossier.verification_record import Evidence, Test, Verification, write_verification
from piste.sites.crossings import crossings
from piste.sites.flows import Picture, declared_rules
from piste.sites.trials import nexus
from piste.town.model import Town
from piste.town.model.documents import Approver, Documents
from piste.town.town import load_town

ROOT = Path(__file__).resolve().parents[2]
SCHOOL = "ecole-jaures"
PORTS, EAP = b'{"ports": 48}\n', "VLAN 151 attribué : accepté\n".encode()
ORIGIN = Origin("lab", "2026-11-24T18:00:00+01:00", "0123456789abcdef" * 2, True, "d" * 64, {"typst": "0.15.2"})
IDENTITY = Identity(Documents(reference="VLB-DSI", author="Titulaire du marché", approver=Approver(role="DSI")))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def verification(**changes: Any) -> Verification:
    """A verification of the school: a test of each verdict."""
    tests = [
        Test(
            id="network.ports",
            domain="Réseau",
            title="Ports conformes au plan",
            requirements=["R031"],
            expected="48 ports comme déclarés",
            observed="48 ports relus, aucun écart",
            verdict="conform",
            evidence=[Evidence(file="ports.json", sha256=digest(PORTS))],
        ),
        Test(
            id="access.eap",
            domain="802.1X",
            title="Un poste de la ville est admis",
            requirements=["R034", "3.3.3"],
            expected="admis, VLAN 151",
            observed="refusé",
            verdict="wrong",
            evidence=[Evidence(file="eap.txt", sha256=digest(EAP))],
        ),
        Test(
            id="names.dns",
            domain="Réseau",
            title="Les noms se résolvent",
            expected="hdv-dc1 répond",
            observed="pas de réponse en 5 s",
            verdict="unknown",
        ),
        Test(
            id="restore.pc",
            domain="Postes",
            title="Un poste type se restaure",
            requirements=["R056"],
            expected="poste restauré selon la procédure",
            observed="",
            verdict="untested",
            reason="aucun poste sur le laboratoire",
        ),
    ]
    fields: dict[str, Any] = {
        "id": "20261124T170000Z-0a1b2c",
        "site": SCHOOL,
        "environment": "lab",
        "started": "2026-11-24T18:00:00+01:00",
        "ended": "2026-11-24T18:04:30+01:00",
        "operator": "Mme Diallo",
        "commit": "0123456789abcdef" * 2,
        "clean": True,
        "declaration": "d" * 64,
        "reserves": ["Le <portail> des invités est à traduire & à relire"],
        "tests": tests,
    }
    return Verification(**{**fields, **changes})


def kept(folder: Path, record: Verification | None = None) -> Path:
    """Write a verification and its evidence; return the place."""
    return write_verification(folder, record or verification(), {"ports.json": PORTS, "eap.txt": EAP})


@cache
def town() -> Town:
    return load_town(ROOT / "inventories" / "town").require()


def subject(site: str = SCHOOL, folder: Path | None = None) -> Subject:
    """A site of the town; with its verification where a folder is given."""
    whole = town()
    names = {name: site["name"] for name, site in whole.sites.items()}
    place = kept(folder, verification(site=site)) if folder else None
    record = verification(site=site) if folder else None
    return Subject(whole.sites[site], whole.name, names, record, place, nexus(whole, whole.sites[site]))


def commune() -> Commune:
    """The town itself, with its plan of reversibility."""
    flows = crossings(town(), Picture(town(), declared_rules(town())))
    return Commune(town(), read_plan(), ORIGIN.date[:10], flows)


def party(name: str = "kyocera") -> Party:
    """A third party of the town."""
    whole = town()
    assert whole.commune is not None
    (entry,) = (entry for entry in whole.commune["third_parties"] if entry["id"] == name)
    return Party(entry, whole)


def document(name: str, about: Subject | Commune | Party, origin: Origin = ORIGIN) -> Document:
    (kind,) = (kind for kind in kinds(about) if kind.name == name)
    return make(kind, about, origin)


def table(made: Document, section: str, key: str) -> Table:
    """A table of a document."""
    (match,) = (
        block
        for part in made.sections
        if part.key == section
        for block in part.blocks
        if isinstance(block, Table) and block.key == key
    )
    return match


def texts(shown: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in shown.rows]
