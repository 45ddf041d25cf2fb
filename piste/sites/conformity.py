"""The verdict of each clause, from what is known: kept, not kept, unknown, out of scope."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal, NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure, meets
from piste.engine.finding import Finding, State, worst
from piste.engine.words import agreed, some
from piste.papers.dossier import notation
from piste.papers.dossier.verification_record import Test
from piste.papers.frameworks.clauses import Clause, Framework, answers, clauses, frameworks, rules_of, words
from piste.readings import findings as readings
from piste.readings import store
from piste.readings.belief import FAILED, Reading
from piste.readings.history import dated
from piste.readings.table import SUBJECTS
from piste.sites import committed, status
from piste.sites.transfer import kept as transfer
from piste.sites.transfer.index import invoiced
from piste.sites.verified import VERIFICATIONS
from piste.town.declared import serving
from piste.town.model.acts import Act
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.town.model.rule import rules

type Verdict = Literal["kept", "broken", "unknown", "outside"]
WORDS: Mapping[Verdict, str] = {
    "broken": "non tenue", "unknown": "inconnue", "kept": "tenue", "outside": "hors périmètre",
}  # fmt: skip
"""The verdicts in French, the worst first."""
_VERDICTS: Mapping[State, Verdict] = {"ok": "kept", "wrong": "broken", "unknown": "unknown"}
_STATES: Mapping[str, State] = {"conform": "ok", "wrong": "wrong", "kept": "wrong"}
_UNTRIED = "aucune vérification de site ne le cite : piste verify"
_NAMED = 3
_GOOD_FOR = timedelta(days=92)
"""Days for which a figure of a diagnosis counts: dashboards are made each quarter (CCTP 4.4.5)."""


@dataclass(frozen=True)
class Facts:
    """The facts about a town and its systems that every clause is judged by.

    `tests` are those of the last verification of each site, by the requirement that they cite; `unverified` are the
    sites without one. `faults` are the rules that the declaration breaks, `errors` tells that some are errors.
    """

    findings: Sequence[Finding] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    tests: Mapping[str, Sequence[tuple[str, Test]]] = field(default_factory=dict)
    unverified: Sequence[str] = ()
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: bool = False
    acts: Mapping[str, Act] = field(default_factory=dict)


class Evidence(NamedTuple):
    """A piece of evidence: its kind, state and words, what lacks, since when.

    `act` names that of a person which lacks.
    """

    kind: str
    state: State
    said: str
    todo: str = ""
    since: str = ""
    act: str = ""


class Judged(NamedTuple):
    """A clause and its verdict; `since` is the first day of the worst evidence, if known."""

    clause: Clause
    verdict: Verdict
    evidence: Sequence[Evidence]

    @property
    def since(self) -> str:
        state = {"broken": "wrong", "unknown": "unknown"}.get(self.verdict, "ok")
        return min((piece.since for piece in self.evidence if piece.since and piece.state == state), default="")

    @property
    def lacking(self) -> list[Evidence]:
        """Give the evidence that is not there, the worst first."""
        wrong, unknown = ([piece for piece in self.evidence if piece.state == state] for state in ("wrong", "unknown"))
        return [*wrong, *unknown]

    @property
    def todo(self) -> list[str]:
        return list(dict.fromkeys(piece.todo for piece in self.lacking if piece.todo))


def facts(
    town: Derived,
    environment: str,
    findings: Sequence[Finding] | None = None,
    figures: Iterable[Figure] | None = None,
) -> Facts:
    """Gather the facts of an environment, or take findings and figures; no system is asked."""
    if findings is None:
        every = [*readings.findings(town, environment), *status.findings(town, environment)]
        findings = dated(environment, every)
    faults: dict[str, list[str]] = {}
    for fault in town.faults:
        faults.setdefault(fault.rule, []).append(f"{fault.message} ({fault.file}:{fault.line})")
    if town.errors:
        return Facts(findings, faults=faults, errors=True)
    findings = [*findings, *committed.findings(), *([invoiced(town, environment)] if town.commune else ())]
    made = {made.id: made for made in (readings.figures(town, environment) if figures is None else figures)}
    day = today().isoformat()
    given = [*(town.commune["acts"] if town.commune else ()), *transfer.acts(environment)]
    done = sorted(given, key=lambda act: (act["done"] <= day, act["done"]))
    tests, unverified = _tests(town, environment)
    return Facts(findings, made, tests, unverified, faults, acts={act["act"]: act for act in done})


def _tests(town: Derived, environment: str) -> tuple[Mapping[str, Sequence[tuple[str, Test]]], Sequence[str]]:
    """Sort the tests of the last verification of each site; name the sites without one."""
    tests: dict[str, list[tuple[str, Test]]] = {}
    unverified = [*serving(town)]
    with suppress(*FAILED):
        known = store.last(VERIFICATIONS, environment, ages(town))
        for site in [*unverified]:
            last = known.get(site)
            if isinstance(last, Reading):
                unverified.remove(site)
                for test in last.value.tests:
                    for name in test.requirements:
                        tests.setdefault(name, []).append((site, test))
    return tests, unverified


def judge(known: Facts, asked: Iterable[str] | None = None) -> Mapping[str, Judged]:
    """Give the verdict of every clause by its id, or of those asked and of what they rest on."""
    made: dict[str, Judged] = {}
    for id_ in clauses() if asked is None else asked:
        _judged(id_, known, made)
    return made


def _judged(id_: str, known: Facts, made: dict[str, Judged]) -> Judged:
    """Judge a clause, once, after those whose evidence it takes."""
    if id_ not in made:
        clause = clauses()[id_]
        if outside := clause.answered.get("outside"):
            made[id_] = Judged(clause, "outside", (Evidence("outside", "ok", outside),))
        else:
            evidence = (*_of_data(clause, known), *_of_others(clause, known, made))
            made[id_] = Judged(clause, _VERDICTS[worst(piece.state for piece in evidence)], evidence)
    return made[id_]


def _of_others(clause: Clause, known: Facts, made: dict[str, Judged]) -> Iterator[Evidence]:
    for id_ in clause.answered.get("same", ()):
        other = _judged(id_, known, made)
        state: State = next((state for state, verdict in _VERDICTS.items() if verdict == other.verdict), "unknown")
        todo = "" if state == "ok" else f"piste conformity {other.clause.framework} {id_}"
        yield Evidence("same", state, f"{id_}, {other.clause.says} : {WORDS[other.verdict]}", todo, other.since)
    if blind := clause.answered.get("blind"):
        yield Evidence("blind", "unknown", f"rien ne le lit encore : {blind}")


def _of_data(clause: Clause, known: Facts) -> Iterator[Evidence]:
    answered = clause.answered
    if answered.get("checks"):
        yield _checks(clause.id, known)
    for id_, target in answered.get("figures", {}).items():
        yield _figure(id_, target, known)
    for pattern in answered.get("findings", ()):
        yield _findings(pattern, known)
    if asked := answered.get("rules"):
        yield _rules(asked, known)
    for id_, months in answered.get("acts", {}).items():
        yield _act(id_, months, known.acts.get(id_))


def _checks(id_: str, known: Facts) -> Evidence:
    tests = known.tests.get(id_, ())
    states = {site: worst(_STATES.get(test.verdict, "unknown") for where, test in tests if where == site)
              for site in dict.fromkeys(site for site, _ in tests)}  # fmt: skip
    lacking: tuple[State, ...] = ("unknown",) if known.unverified or not tests else ()
    state = worst((*states.values(), *lacking))
    by = {kind: [site for site, seen in states.items() if seen == kind] for kind in ("wrong", "unknown")}
    at_fault = {site for site, test in tests if test.verdict == "wrong"}
    kept, by["wrong"] = [site for site in by["wrong"] if site not in at_fault], [*filter(at_fault.__contains__, states)]
    lacks = [
        f"{agreed(len(by['wrong']), 'site(s) non conforme(s)')} ({some(by['wrong'], _NAMED)})" if by["wrong"] else "",
        f"{agreed(len(kept), 'gardé(s) tel(s) que trouvé(s)')} ({some(kept, _NAMED)})" if kept else "",
        f"{agreed(len(by['unknown']), 'inconnu(s)')} ({some(by['unknown'], _NAMED)})" if by["unknown"] else "",
        f"{agreed(len(known.unverified), 'site(s) jamais vérifié(s)')}" if tests and known.unverified else "",
    ]
    said = f"essais de {agreed(len(states), 'site(s)')}" if tests else _UNTRIED
    whole = f"{said} : {', '.join(filter(None, lacks)) or 'conformes'}" if tests else said
    return Evidence("checks", state, whole, "" if state == "ok" else "piste verify SITE")


def _figure(id_: str, target: str, known: Facts) -> Evidence:
    """Judge a figure; what was not read may break its bound, an old diagnosis says nothing."""
    made = known.figures.get(id_)
    asked = f"{words()["figures"][id_]}, cible {target.replace('-', '−')}"
    if made is None or made.value is None:
        return Evidence("figures", "unknown", f"{asked} : inconnu", "piste read, puis piste findings")
    met = meets(id_, made.value, target, made.unit, made.unknown)
    old = bool(made.day) and date.fromisoformat(made.day[:10]) < today() - _GOOD_FOR
    state: State = "wrong" if met is False else "unknown" if met is None or old else "ok"
    counts = f" ({made.unknown} non lus)" if made.unknown else ""
    day = f", le {in_town(made.day, DAY)}" if made.day else ""
    said = f"{asked} : {notation.value(made.value, made.unit)}{counts}{day}{', trop ancien' if old else ''}"
    return Evidence("figures", state, said, "" if state == "ok" else "piste findings dit ce qui manque")


def _findings(pattern: str, known: Facts) -> Evidence:
    subject = pattern.partition(".")[0]
    # What is wrong or unknown of a whole subject is so of each thing; what is well proves no thing of its own.
    whole = [seen for seen in known.findings if seen.id == subject != pattern and seen.state != "ok"]
    seen = [*(seen for seen in known.findings if fnmatchcase(seen.id, pattern)), *whole]
    state = worst(each.state for each in seen) if seen else "unknown"
    reading = SUBJECTS.get(subject)
    label = reading.label if reading else words()["findings"].get(subject, pattern)
    thing = pattern.partition(".")[2].strip("*")
    if not seen:
        label += f" ({thing})" if reading and thing else ""
        hidden = ", ou rien n’en sort ici : il nomme des personnes" if reading and reading.personal else ""
        todo = reading.again if reading else "piste read"
        return Evidence("findings", state, f"{label} : rien n’est lu{hidden}", todo)
    bad = [each for each in seen if each.state == state] if state != "ok" else []
    named = f" : {bad[0].what}" if bad else ""
    others = f" (et {agreed(len(bad) - 1, 'autre(s)')})" if len(bad) > 1 else ""
    said = f"{label}, {agreed(len(seen), 'constat(s)')}{named}{others}"
    since = min((each.since for each in bad if each.since), default="")
    return Evidence("findings", state, said, bad[0].todo if bad else "", since)


@cache
def _covered(asked: tuple[str, ...]) -> Sequence[str]:
    return rules_of(asked, [*rules()])


def _rules(asked: Sequence[str], known: Facts) -> Evidence:
    covered = _covered(tuple(asked))
    broken = {rule: known.faults[rule] for rule in covered if rule in known.faults}
    said = f"{agreed(len(covered), 'règle(s)')} de la déclaration"
    if broken:
        named = next(iter(broken.values()))[0]
        more = sum(map(len, broken.values())) - 1
        others = f" (et {agreed(more, 'autre(s)')})" if more else ""
        return Evidence("rules", "wrong", f"{said} : {named}{others}", "piste validate")
    if known.errors:
        return Evidence("rules", "unknown", f"{said} : la déclaration a des erreurs", "piste validate")
    return Evidence("rules", "ok", f"{said}, suivie{'s' if len(covered) > 1 else ''}")


def _act(id_: str, months: int, act: Act | None) -> Evidence:
    named = words()["acts"][id_]
    if act is None:
        todo = "Faites-le, puis inscrivez-le dans group_vars/all/acts.yml, avec sa preuve"
        return Evidence("acts", "unknown", f"{named} : nul ne l’a inscrit", todo, act=id_)
    done = f"{named}, le {in_town(act['done'], DAY)}, {act['who']} : {act['proof']}"
    if act["done"] > today().isoformat():
        return Evidence("acts", "unknown", f"{done} : ce jour n’est pas venu", "Corrigez sa date (done)", act=id_)
    end = until(act, months)
    last = in_town(end.isoformat(), DAY) if end else ""
    if end and end < today():
        todo = "Refaites-le, puis inscrivez-le"
        return Evidence("acts", "wrong", f"{done} ; ne vaut plus depuis le {last}", todo, act=id_)
    return Evidence("acts", "ok", f"{done}{f', jusqu’au {last}' if last else ''}", since=act["done"])


def until(act: Act, months: int) -> date | None:
    """Give the last day of an act: its own, or that of its months if earlier; None for ever."""
    own = date.fromisoformat(act["until"]) if act["until"] else None
    if not months:
        return own
    done = date.fromisoformat(act["done"])
    year, month = divmod(done.month - 1 + months, 12)
    year, month = done.year + year, month + 1
    end = date(year, month, min(done.day, monthrange(year, month)[1])) - timedelta(days=1)
    return min(own, end) if own else end


class Count(NamedTuple):
    """The counts of a framework; `acts` are the clauses that rest on acts of persons alone."""

    kept: int
    broken: int
    unknown: int
    outside: int
    acts: int

    @property
    def said(self) -> str:
        return ", ".join(
            (
                agreed(sum(self) - self.acts, "clause(s)"),
                agreed(self.kept, "tenue(s)"),
                agreed(self.broken, "non tenue(s)"),
                agreed(self.unknown, "inconnue(s)"),
                f"{self.outside} hors périmètre",
                f"{self.acts} que seul l’acte d’une personne prouve",
            )
        )


def count(framework: Framework, judged: Mapping[str, Judged]) -> Count:
    verdicts = [judged[id_].verdict for id_ in framework.clauses]
    alone = sum({*answers(clause)} == {"acts"} for clause in framework.clauses.values())
    kept, broken, unknown, outside = (verdicts.count(verdict) for verdict in ("kept", "broken", "unknown", "outside"))
    return Count(kept, broken, unknown, outside, alone)


def figures(judged: Mapping[str, Judged]) -> Iterator[Figure]:
    """Yield the share of kept clauses of each framework, for the history of figures."""
    for name, framework in frameworks().items():
        made = count(framework, judged)
        whole = len(framework.clauses) - made.outside
        yield Figure(f"clauses.{name}", round(100 * made.kept / whole, 2), "%", made.kept, whole, made.unknown)


COLUMNS = ("framework", "clause", "place", "says", "verdict", "since", "who", "evidence", "todo")


def row(made: Judged) -> dict[str, str]:
    """Write a clause as a line of a table: its evidence is what lacks, or all of it."""
    clause, shown = made.clause, made.lacking or made.evidence
    return {
        "framework": clause.framework,
        "clause": clause.id,
        "place": clause.place,
        "says": clause.says,
        "verdict": made.verdict,
        "since": made.since[:10],
        "who": clause.who,
        "evidence": " ; ".join(piece.said for piece in shown),
        "todo": " ; ".join(made.todo),
    }
