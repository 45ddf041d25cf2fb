"""The town with figures of sobriety on three days, by hand, and a lever that was applied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from piste.papers.dossier.verification_record import Evidence, Test
from piste.sobriety.documents.subject import Applied, Run, SobrietySubject
from piste.sobriety.figure import Excluded, Figure, Method
from piste.sobriety.footprint import Footprint, Line, Total
from piste.sobriety.history import Reading
from piste.sobriety.savings import Assumption, Saving
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.form import SobrietyException
from tests.support.dossier import digest, town

LEVER = "impression"
QUEUES = b'{"imp-ccas-01": {"duplexing": "long_edge", "color": false}}\n'
FIRST, SECOND, LAST = "2026-09-01T08:00:00+02:00", "2026-10-30T18:00:00+01:00", "2026-11-30T18:00:00+01:00"
FACTORS = "ADEME et ADN'Ouest, livre blanc (2016)"


def figure(name: str, title: str, unit: str, value: float | None, **more: Any) -> Figure:
    fields: dict[str, Any] = {"source": "relevé de la Ville", "date": "2026-11-30", "method": "measured"}
    target = town().sobriety.targets.get(name)
    return Figure(id=name, title=title, unit=unit, value=value, target=target, **{**fields, **more})


def figures(sleeping: float, duplex: float) -> list[Figure]:
    """A figure of each sort: reached, missed, unknown, without a target, negative, estimated."""
    return [
        figure(
            "F1", "Postes en veille et en arrêt automatiques", "%", 100 * sleeping / 64,
            numerator=sleeping, denominator=64, source="Inventaire des postes (CSV)",
            failing=[f"pc-{rank:03}" for rank in range(int(62 - sleeping))], unknown=["pc-ctm-01", "pc-ctm-02"],
            excluded=[Excluded("pc-pm-01", "Service continu")],
        ),
        figure(
            "F2", "Consommation moyenne par poste à 12 mois", "%", None, source="Inventaire des postes (CSV)",
            method="estimated", why="moins de douze mois séparent les deux relevés",
        ),
        figure("F3", "Environnements hors production à horaire appliqué", "%", 100.0, numerator=2, denominator=2,
               source="Prism Central"),
        figure("F6", "Pages A4 sur un an", "%", -12.4, numerator=-54120, denominator=436450, source="Copieurs (CSV)"),
        figure("F7.queues", "Files en recto verso et noir et blanc", "%", duplex, numerator=round(duplex * 0.48),
               denominator=48, source="hdv-imp1"),
        figure("F8", "Sites au plan hors des heures appliqué", "%", 27.8, numerator=5, denominator=18,
               source="Meraki", unknown=["piscine"]),
        figure("F22.kwh_par_poste", "Consommation d’un poste", "kWh/an", 118.5, low=83.0, high=154.0,
               method="estimated", measured_share=0.0, source=FACTORS, cctp="4.4.3"),
        figure("F22.commutation", "Consommation des commutateurs", "kWh/an", 9412.0, low=9412.0, high=9412.0,
               measured_share=1.0, source="Meraki", cctp="4.4.3"),
    ]  # fmt: skip


def footprint(workstations: float) -> Footprint:
    def line(
        perimeter: Any,
        key: str,
        label: str,
        count: int | None,
        kwh: Range | None,
        share: float = 0.0,
        method: Method = "estimated",
        source: str = FACTORS,
        why: str = "",
    ) -> Line:
        return Line(perimeter, key, label, count, kwh, share, method, source, "2026-11-30", why)  # fmt: skip

    pcs = Range(workstations, workstations * 0.7, workstations * 1.3)
    nodes, switches, aps = Range(11388.0, 9680.0, 13096.0), Range(9412.0, 9412.0, 9412.0), Range(5320.0, 1520.0, 9120.0)
    network = Range(14732.0, 10932.0, 18532.0)
    total = Range(pcs.value + 26120.0, pcs.low + 20612.0, pcs.high + 31628.0)
    return Footprint(
        lines=[
            line("postes", "desktops", "Postes fixes", 41, pcs),
            line("hebergement", "nodes", "Nœuds", 3, nodes, why="charge moyenne des nœuds non lue"),
            line("reseau", "switches", "Commutateurs", 52, switches, 1.0, "measured", "Meraki"),
            line("reseau", "access_points", "Bornes Wi-Fi", 76, aps),
            line("impression", "copiers", "Copieurs", None, None, why="personne ne les compte"),
        ],
        perimeters=[
            Total("postes", "Postes de travail", pcs, Range(300.0, 150.0, 560.0), 0.0),
            Total("hebergement", "Hébergement et VDI", nodes, Range(626.3, 309.8, 1064.7), 0.0),
            Total("reseau", "Réseau et Wi-Fi", network, Range(810.3, 349.8, 1506.7), 0.64),
            Total("impression", "Impression", None, None, 0.0, ["Copieurs"]),
        ],
        total=Total("", "Ensemble", total, Range(1736.6, 809.6, 3131.4), 0.3, ["Copieurs"]),
        sources=[f"{FACTORS} : postes, bornes", "Fiches des constructeurs : nœuds"],
    )


def savings() -> list[Saving]:
    def saving(lever: str, kwh: Range | None, done: Range | None, left: Range | None, **more: Any) -> Saving:
        declared = town().sobriety.levers[lever]
        sheets: dict[str, Any] = {"sheets": None, "realised_sheets": None, "remaining_sheets": None, "co2_kg": None}
        text = "Nombre d’équipements, multiplié par ce que chacun économise."
        taken = [Assumption("Un poste reste allumé 10 h par jour sans personne.", FACTORS)]
        return Saving(
            lever=lever, label=declared.label, perimeter=declared.perimeter, investment=False, kwh=kwh,
            realised_kwh=done, remaining_kwh=left, formula=text, assumptions=taken, **{**sheets, **more},
        )  # fmt: skip

    return [
        saving("veille-postes", Range(3100.0, 1900.0, 4300.0), Range(620.0, 380.0, 860.0),
               Range(2480.0, 1520.0, 3440.0)),
        saving("arret-postes", None, None, None, why="heures d’usage des postes non lues"),
        saving("impression", None, None, None, sheets=Range(118000.0, 90000.0, 150000.0),
               realised_sheets=Range(27060.0, 27060.0, 27060.0), remaining_sheets=Range(90940.0, 62940.0, 122940.0)),
        saving("machines-hors-heures", Range(412.0, 350.0, 474.0), Range(412.0, 350.0, 474.0), Range(0.0, 0.0, 0.0)),
        saving("bornes-hors-heures", Range(3400.0, 970.0, 5800.0), Range(0.0, 0.0, 0.0), Range(3400.0, 970.0, 5800.0)),
    ]  # fmt: skip


def reading(moment: str, sleeping: float, duplex: float, workstations: float, environment: str = "lab") -> Reading:
    return Reading(
        environment, moment, "0123456789abcdef" * 2, figures(sleeping, duplex), footprint(workstations), savings()
    )


def applied(folder: Path, environment: str = "lab") -> Applied:
    """The lever of printing, with a test of each verdict and the file of one test."""
    (folder / "queues.json").write_bytes(QUEUES)
    tests = [
        Test(
            id="sobriety.queues", domain="Impression", title="Les files ont les deux réglages", requirements=["R107"],
            expected="48 files en recto verso et noir et blanc", observed="48 files relues", verdict="conform",
            evidence=[Evidence(file="queues.json", sha256=digest(QUEUES))],
        ),
        Test(id="sobriety.print", domain="Impression", title="Une page d’essai sort recto verso",
             expected="recto verso", observed="pas de réponse du copieur", verdict="unknown"),
        Test(id="sobriety.revert", domain="Retour", title="Les réglages d’avant reviennent",
             expected="comme relevé avant", observed="", verdict="untested", reason="réservé à la fin du pilote"),
    ]  # fmt: skip
    return Applied(
        environment,
        [
            Run("20260928T160000Z-0a1b2c", "2026-09-28T18:00:00+02:00", "Mme Diallo", "0123456789abcdef" * 2, "pilot",
                {"update": 6, "delete": 0}, ["ccas", "hotel-de-ville"]),
            Run("20261019T160000Z-0a1b2d", "2026-10-19T18:00:00+02:00", "Mme Diallo", "0123456789abcdef" * 2, "general",
                {"update": 42}, ["ecole-jaures", "mediatheque"]),
        ],
        tests,
        reading(FIRST, 8, 12.5, 6191.0, environment),
        reading(SECOND, 21, 97.9, 5600.0, environment),
        ["Le copieur du CCAS garde le recto pour un formulaire"],
        folder,
    )  # fmt: skip


def sobriety(folder: Path | None = None, environment: str = "lab") -> SobrietySubject:
    """The town at the end of November; with an applied lever where a folder is given."""
    days = [
        reading(FIRST, 8, 12.5, 6191.0, environment),
        reading(SECOND, 21, 97.9, 5600.0, environment),
        reading(LAST, 45, 95.8, 4858.5, environment),
    ]
    event = {"from": "2026-11-10", "until": "2026-11-20", "levers": ["wifi-hors-heures"], "why": "Exposition du soir"}
    return SobrietySubject(
        town=town(),
        reading=days[-1],
        readings=days,
        applied={LEVER: applied(folder, environment)} if folder else {},
        exceptions={"mediatheque": [SobrietyException.model_validate(event)]},
        contact="sobriete@lebourget.example",
    )


def unread(subject: SobrietySubject) -> SobrietySubject:
    """The same town, where nothing could be read."""
    nothing = [
        replace(figure, value=None, numerator=None, low=None, high=None, unknown=(), failing=(), why="pas de réponse")
        for figure in subject.reading.figures
    ]
    lines = [replace(line, count=None, kwh=None, why="pas de réponse") for line in subject.reading.footprint.lines]
    known = subject.reading.footprint
    totals = [replace(total, kwh=None, co2_kg=None, unknown=["tout"]) for total in (*known.perimeters, known.total)]
    blank = replace(
        subject.reading,
        figures=nothing,
        footprint=replace(known, lines=lines, perimeters=totals[:-1], total=totals[-1]),
        savings=[],
    )
    return replace(subject, reading=blank, readings=[blank], applied={}, exceptions={})
