"""Readings of the systems for the figures of sobriety, and the sources of its documents."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from piste.engine.clock import TOWN
from piste.engine.converge.bounded import content, of_json
from piste.engine.converge.errors import Missing
from piste.engine.repository import commit
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import Test, Verdict, evidence
from piste.readings.computers import kept as measures
from piste.readings.computers.judge import measured
from piste.readings.storage import kept as shares
from piste.readings.table import Answer
from piste.runs.plans.play import Order, Played, Trouble
from piste.sobriety import history, imports, moves, power, readings, usage
from piste.sobriety.documents.subject import Applied, Period, Run, SobrietySubject
from piste.sobriety.figures import breakdowns, figures, known_of, lists
from piste.sobriety.folders import folder
from piste.sobriety.footprint import footprint
from piste.sobriety.history import Reading
from piste.sobriety.printing import reading as printing
from piste.sobriety.regressions import Regression, regressions
from piste.sobriety.savings import savings
from piste.town.model import Town
from piste.town.model.dates import today
from piste.town.model.sobriety.levers import APPLIED

PLAYBOOK = "playbooks/sobriety.yml"
_ACTIONS = {"create": 0, "update": 0, "delete": 0, "reset": 0}


def folder_of_readings(environment: str) -> Path:
    return folder(environment) / "readings"


def folder_of_imports(environment: str) -> Path:
    """Locate the tables of an environment for what Piste does not drive."""
    return folder(environment) / "imports"


def take(town: Town, environment: str, given: Path | None, play: Callable[[Order], Played]) -> tuple[Reading, Played]:
    """Read systems and tables, compute the figures, keep them; a silent system is unknown.

    Raises `BadImport` with every fault of the tables, before the first question to a system.
    """
    tables = imports.read_imports(given or folder_of_imports(environment), environment, town)
    sites = [name for name, site in town.sites.items() if site["lifecycle"] in ("open", "closing")]
    used, day = usage.kept(environment), today()
    with tempfile.TemporaryDirectory(prefix="piste-sobriete-") as place:
        usage.write_question(Path(place), usage.question(town, used, 1))
        asked = printing.variables(town, environment)
        played = play(Order(PLAYBOOK, environment, "", {**asked, "folder": place}))
        reasons = _why(played.troubles, sites)
        read = readings.read(Path(place), sites, reasons)
        path = Path(place) / printing.ANSWER
        answer = of_json(content(path)) if path.is_file() else None
        printing.take(town, environment, Answer(answer, asked, {"": why} if (why := reasons.get("printing")) else {}))
    read = replace(
        read,
        energy=power.energy(town, environment, read.energy),
        storage=shares.last(town, environment),
        accounting=printing.last(environment),
        usage=usage.joined(environment, used, read.usage),
        computers=measured(town, measures.last(environment), day),
    )
    reference = history.reference(history.read_all(folder_of_readings(environment), environment))
    head, _ = commit()
    moment = datetime.combine(day, datetime.now(TOWN).time(), TOWN)
    reading = compute(town, read, tables, moment, environment, head, reference)
    history.keep(folder_of_readings(environment), reading)
    return reading, played


def compute(
    town: Town,
    read: readings.Readings,
    tables: imports.Imports,
    moment: datetime,
    environment: str,
    head: str,
    reference: Reading | None = None,
) -> Reading:
    """Compute the reading of a moment, at the commit `head` of the declaration. Pure."""
    day = moment.date()
    known = known_of(town, read, tables, day, reference)
    computed = list(figures(town, read, tables, day, reference))
    return Reading(
        environment=environment,
        moment=moment.isoformat(timespec="seconds"),
        commit=head,
        figures=computed,
        footprint=footprint(town, read, tables, day),
        savings=savings(town, read, tables, day, computed, reference.figures if reference else None),
        breakdowns=breakdowns(known),
        lists=lists(known),
    )


def _why(troubles: Sequence[Trouble], sites: Sequence[str]) -> dict[str, str]:
    """Give the reason of each missing file of a reading; for the town's own file, every reason."""
    own = " ".join(dict.fromkeys(trouble.message.strip() for trouble in troubles if trouble.host not in sites))
    reasons = dict.fromkeys(("printing", "directory", "hosting", "energy", "usage"), own) if own else {}
    return reasons | {
        f"network/{trouble.host}": trouble.message.strip() for trouble in troubles if trouble.host in sites
    }


def latest(environment: str) -> Reading:
    """Load the last kept reading. Raises `Missing` where there is none."""
    readings = history.read_all(folder_of_readings(environment), environment)
    if not readings:
        raise Missing("aucun relevé n’est gardé", todo="Faites d’abord le diagnostic : piste sobriety diagnose.")
    return readings[-1]


def regressed(town: Town, reading: Reading) -> list[Regression]:
    """List the regressions of a reading among all that are kept before it."""
    every = history.read_all(folder_of_readings(reading.environment), reading.environment)
    return regressions(town, [kept for kept in every if kept.moment <= reading.moment])


def gains(environment: str) -> dict[str, str]:
    """Describe what each lever can still save, by the last reading; nothing where there is none."""
    readings = history.read_all(folder_of_readings(environment), environment)
    last = readings[-1] if readings else None
    words = {}
    for saving in last.savings if last else ():
        if last and (left := saving.remaining_kwh) is not None:
            bounds = f"[{left.low:.0f} à {left.high:.0f}]"
            words[saving.lever] = f"Reste à gagner : {left.value:.0f} kWh/an {bounds}, relevé du {last.day}"
    return words


def subject(
    town: Town,
    reading: Reading,
    period: Period | None = None,
    validated: tuple[str, str] | None = None,
    announced: Mapping[str, str] | None = None,
) -> SobrietySubject:
    """Gather the sources of the documents; `announced` is the day given to agents, by lever."""
    environment = reading.environment
    every = history.read_all(folder_of_readings(environment), environment)
    applied = {
        lever: application for lever in town.sobriety.levers if (application := _applied(environment, lever, every))
    }
    by, on = validated or (None, None)
    return SobrietySubject(
        town=town,
        reading=reading,
        readings=every,
        applied=applied,
        exceptions=town.sobriety.exceptions,
        contact=town.sobriety.contact,
        announced=announced or {},
        period=period,
        validated_by=by,
        validated_on=on,
    )


def _applied(environment: str, lever: str, every: Sequence[Reading]) -> Applied | None:
    """Give the application of a lever, with the figures of the last readings before and since."""
    done = [run for run in moves.kept(environment, lever).applications if run.step in APPLIED]
    if not done:
        return None
    first = done[0].date
    before = [reading for reading in every if reading.day <= first]
    after = [reading for reading in every if reading.day > first]
    place = folder(environment) / "evidence" / lever
    return Applied(
        environment=environment,
        runs=[_run(run) for run in done],
        tests=list(_tests(lever, done, place)),
        before=before[-1] if before else None,
        after=after[-1] if after else None,
        reserves=[f"{name} : retour en arrière" for name in dict.fromkeys(name for run in done for name in run.struck)],
        evidence=place,
    )


def _run(application: moves.Application) -> Run:
    counts = Counter(described["action"] for described in application.operations)
    return Run(
        id=application.plan,
        moment=_at(application.date, application.ended or application.begun),
        operator=application.by,
        commit=application.commit,
        step=application.step,
        operations={**_ACTIONS, **counts},
        targets=application.targets,
    )


def _at(day: str, moment: str) -> str:
    """Write the day of a step with its hour."""
    return day + moment[10:]


def _tests(lever: str, done: Sequence[moves.Application], place: Path) -> Iterator[Test]:
    """List the tests of a lever from its last application: read back, planned again, undone."""
    last = done[-1]
    if last.proof:
        yield from _proof(done, place)
        return
    operations = [described for application in done for described in application.operations]
    proof = json.dumps(operations, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    name = "operations.json"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place / name).write_bytes(proof)
    yield _test(
        "sobriety.applied",
        "Réglages appliqués et relus",
        f"{agreed(len(last.operations), 'changement(s) écrit(s)')}, chacun relu",
        "l’application est allée à son terme" if last.ended else "l’application n’est pas finie",
        "conform" if last.ended else "wrong",
        [evidence(name, proof)],
    )
    again: Mapping[str, tuple[Verdict, str]] = {
        "ok": ("conform", "le plan est vide"),
        "": ("untested", "pas replanifié"),
        "unknown": ("unknown", "un système n’a pas répondu"),
    }
    verdict, observed = again.get(last.again or "", ("wrong", f"{last.again} : il reste des changements"))
    yield _test(
        "sobriety.again",
        "Seconde application sans effet",
        "aucun changement",
        observed,
        verdict,
        reason="" if last.again else "l’application a été interrompue avant d’être replanifiée",
    )
    yield _test(
        "sobriety.undo",
        "Retour en arrière préparé",
        "chaque réglage d’avant est gardé",
        agreed(len(operations), "réglage(s) d’avant gardé(s)"),
        "conform" if all(_known(described) for described in operations) else "wrong",
        [evidence(name, proof)],
    )


def _proof(done: Sequence[moves.Application], place: Path) -> Iterator[Test]:
    """List the test of a lever that people apply: the proof that was read, target by target."""
    lines = [line for application in done for line in application.proof]
    content, name = "\n".join(lines).encode() + b"\n", "preuve.txt"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place / name).write_bytes(content)
    yield _test(
        "sobriety.proof",
        "Application constatée, cible par cible",
        "une preuve par cible, lue avant l’inscription",
        agreed(len(done[-1].proof), "cible(s) prouvée(s)"),
        "conform",
        [evidence(name, content)],
    )


def _known(described: Mapping[str, Any]) -> bool:
    return "before" in described["content"]


def _test(
    id_: str, title: str, expected: str, observed: str, verdict: Verdict, proofs: Any = (), reason: str = ""
) -> Test:
    return Test(
        id=id_,
        domain="Application",
        title=title,
        requirements=["4.4.5", "4.4.6"],
        expected=expected,
        observed=observed,
        verdict=verdict,
        reason=reason,
        evidence=list(proofs),
    )
