"""Every kind of document, each with the readings that it needs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from piste.exports.runbooks.document import KINDS as PLANS
from piste.exports.runbooks.incident_document import kind_of as incident_kind
from piste.exports.runbooks.recovery import recovery
from piste.exports.runbooks.rehearsal import REPORT, Exercise, Rehearsed
from piste.exports.runbooks.sources import Sources
from piste.exports.runbooks.step import StepRun
from piste.papers.dossier.document import KINDS, PARTY_KINDS, TOWN_KINDS, Document, make
from piste.papers.dossier.life.kinds import DELIVERY, ERASURE, LOT, MAC_PARITY, SWITCHED_OFF
from piste.papers.dossier.verification_record import Evidence, Test, write_verification
from piste.sites.life import papers
from piste.sites.life.off import switched_off
from piste.sites.life.papers import Verified
from piste.sobriety.counting import Known
from piste.sobriety.documents import documents, leaflet
from piste.sobriety.imports import Imports
from piste.sobriety.readings import Readings
from piste.town.model import Town
from piste.town.model.life.history import Event
from piste.trials.restore.document import Restored, kind_of
from piste.trials.restore.results import RestoreResult, StepDone
from tests.support import dossier
from tests.support.dossier import ORIGIN, SCHOOL, commune, digest, document, party, subject, verification
from tests.support.restores import COPY
from tests.support.sobriety import LEVER, sobriety

PORT, DEAD, LOST = "sw-jau-01/3", "sw-jau-01/4", "sw-jau-01/5"
HOSTILE = 'Salle "A" <b>&</b> #panic() *x* = 1'
PORTS = json.dumps(
    {
        "ports": {
            PORT: {"status": "Connected", "speed_mbps": 1000, "duplex": "full", "errors": [], "warnings": []},
            DEAD: {"status": "Disconnected", "speed_mbps": None, "errors": [], "warnings": ["<câble> court"]},
        }
    }
).encode()


def event(action: str, asset: str, day: str = "2026-11-20", **more: Any) -> Event:
    known = {"date": day, "action": action, "asset": asset, "role": "technicien"}
    return Event.model_validate({**known, **more})


def lived(*events: Event, **cells: Any) -> Town:
    """The sample town with a history, and other cells for the assets that it names."""
    town = dossier.town()
    names = {each.asset for each in events}
    site = dict(town.sites[SCHOOL])
    site["assets"] = [{**asset, **(cells if asset["name"] in names else {})} for asset in site["assets"]]  # type: ignore[index]
    return replace(town, history=tuple(events), sites={**town.sites, SCHOOL: site})  # type: ignore[dict-item]


def verified(folder: Path) -> Verified:
    """The verification of the school, whose ports were read."""
    proof = Evidence(file="living.ports.json", sha256=digest(PORTS))
    test = Test(
        id="living.ports", domain="Réseau", title="Ports", expected="en service", observed="un sans lien",
        verdict="wrong", evidence=[proof],
    )  # fmt: skip
    write_verification(folder, verification(tests=[test]), {"living.ports.json": PORTS})
    return Verified(folder)


ERASED = event("erase", "pc-jau-001", serial="SN-1", method="NIST 800-88 <purge>", sha256="c" * 64, evidence="r.pdf",
               assigned_to="Écoles", site=SCHOOL)  # fmt: skip
RECEIVED = [event("receive", f"pc-jau-00{rank}", serial=f"SN-{rank}", reference="BC 7/2026") for rank in (1, 2, 3)]
INSTALLED = [
    event("assign", "pc-jau-001", port=PORT, labelled="yes"), event("assign", "pc-jau-002", port=DEAD),
    event("move", "pc-jau-003"),
]  # fmt: skip


def of_life(folder: Path) -> list[Document]:
    """The papers of the life of the assets."""
    tests = verified(folder)
    town = lived(*RECEIVED, *INSTALLED, place=HOSTILE, contract="InMac <WStore>")
    off = lived(event("switch_off", "hdv-ag1", reference="Décision & 7"))
    return [
        make(DELIVERY, papers.delivery(town, "BC 7/2026", tests), ORIGIN),
        make(ERASURE, papers.erasure(lived(ERASED), "PC-JAU-001"), ORIGIN),
        make(LOT, papers.lot(dossier.town(), "lot-1-ccas", Verified(Path("/nowhere"))), ORIGIN),
        make(SWITCHED_OFF, switched_off(off, []), ORIGIN),
        make(MAC_PARITY, papers.parity(dossier.town()), ORIGIN),
    ]


def restored(**changes: Any) -> RestoreResult:
    """A restore test on the lab, which ended well."""
    tests = [test for test in verification().tests if test.verdict == "conform"]
    steps = [StepDone(step=step, seconds=12.5, outcome="done") for step in ("prepare", "restore", "probe", "teardown")]
    known = RestoreResult(
        id="20261128T080000Z-0a1b2c", test="partages", label="Partage de fichiers", method="share", set="partages",
        requirement="files", environment="lab", rehearsal="AU LABORATOIRE", started="2026-11-28T08:00:00Z",
        ended="2026-11-28T08:01:00Z", operator="Mme Diallo", commit="0123456789abcdef" * 2, clean=True, run=None,
        outcome="proven", reason="", isolation="un dossier à part", copied=COPY, steps=steps, rto_seconds=50.0,
        rto_hours=4, rpo_seconds=7200.0, rpo_hours=24, every_days=90, status=None, tests=tests, left=[], hash="f" * 64,
    )  # fmt: skip
    return known.model_copy(update=changes)


def exercise(stops: str = "") -> Exercise:
    """The exercise « the town is lost », to its end or to the step that fails."""
    steps: list[StepRun] = []
    for step in recovery(Sources(dossier.town(), "lab"))["steps"]:
        failed = bool(steps) and steps[-1]["outcome"] in ("failed", "not_reached")
        outcome = "not_reached" if failed else "failed" if step["key"] == stops else "done"
        if outcome == "done" and not step["commands"]:
            outcome = "by_hand"
        said = ("piste replay", "Le système n’a pas répondu.") if outcome == "failed" else (None, "")
        steps.append(
            StepRun(
                key=step["key"], title=step["title"], outcome=outcome, seconds=61.0 if outcome == "done" else 0.0,  # type: ignore[typeddict-item]
                rto_hours=step["rto_hours"], command=said[0], said=said[1], way_seconds=61.0,
            )
        )  # fmt: skip
    return Exercise(
        rehearsal=True, started="2026-11-28T08:00:00Z", ended="2026-11-28T09:10:00Z", bag="e" * 64,
        outcome="failed" if stops else "done", seconds=4200.0, steps=steps,
    )  # fmt: skip


def everything(folder: Path) -> list[Document]:
    """A document of each kind; what they need is written below `folder`."""
    school = subject(folder=folder / "verifications")
    made = [document(kind.name, school) for kind in KINDS]
    made += [document(kind.name, commune()) for kind in TOWN_KINDS]
    made += [document(kind.name, party()) for kind in PARTY_KINDS]
    made += of_life(folder / "life")
    evidence = folder / "sobriety"
    evidence.mkdir()
    made += documents(sobriety(evidence), ORIGIN, levers=[LEVER])
    known = Known(dossier.town(), Readings(), Imports(), date(2026, 11, 30))
    service = leaflet.ServiceSubject(known, "Communication", "2026-11-30T18:00:00+01:00", "sobriete@lebourget.example")
    made.append(leaflet.made(service, ORIGIN, "communication"))
    made += [
        make(kind, Sources(dossier.town(), "lab"), ORIGIN) for kind in (*PLANS, incident_kind("violation-de-donnees"))
    ]
    made.append(make(REPORT, Rehearsed(exercise(), "Ville du Bourget", "exercice"), ORIGIN))
    result = restored()
    made.append(make(kind_of(result), Restored(result, school.evidence or folder, "Ville du Bourget"), ORIGIN))
    return made
