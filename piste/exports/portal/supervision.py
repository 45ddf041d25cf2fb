"""The page of what is watched: coverage (F11), open problems, links by month, supplies.

Nothing is asked of a system: the page shows the readings that this machine keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.page import LONG, Page, Part
from piste.exports.portal.places import in_service, site_path
from piste.exports.portal.states import finding_cell, moment, too_old
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, Text, optional
from piste.papers.dossier.report import COUNTED, verdict_cell
from piste.papers.dossier.verification_record import Test, TestVerdict
from piste.readings.links.declared import town_links
from piste.readings.links.document import VERDICTS, available, objective, share, shown
from piste.readings.links.figures import LinkFigures, figures
from piste.readings.links.kept import Readings
from piste.readings.links.period import month_words
from piste.runs.records.readable import OUTCOMES
from piste.sites.coverage import figure_rows
from piste.sites.living.kept import Part as Kept
from piste.sites.living.kept import Problem
from piste.sites.living.supervision import SEVERITIES
from piste.systems.zabbix.coverage import Covered, covered
from piste.town.model.assets.classes import CLASSES
from piste.town.model.supervision.points import LABELS

_PUSH = "zabbix_push"
_UNKNOWN = finding_cell("unknown")
_WORDS: Mapping[str, str] = {**{kind: entry.plural for kind, entry in CLASSES.items()}, **LABELS, "*": "ensemble"}


class Supply(NamedTuple):
    """A declared supply of a site, its last trial, and when; without them, nobody tried it.

    An old trial says nothing of today.
    """

    site: str
    name: str
    test: Test | None = None
    ended: str = ""
    old: bool = False

    @property
    def verdict(self) -> TestVerdict:
        return self.test.verdict if self.test and not self.old else "unknown"


def page(known: Known) -> Page:
    """Make the page: counts for the town, every thing for engineers."""
    rows, supplies = _covered(known), list(_supplies(known))
    months = [(readings, figures(town_links(known.town), readings)) for readings in known.links]
    return Page(
        "supervision.html",
        "Supervision",
        [
            Part(Section("counts", "En bref", [_counts(known, rows, months, supplies)]), "town"),
            Part(Section("coverage", "Ce qui est surveillé (F11)", [*_coverage(known, rows)])),
            Part(Section("problems", "Problèmes en cours", [_problems(known, rows)])),
            Part(Section("links", "Liaisons, mois par mois", [*_links(known, months)])),
            Part(Section("supplies", "Onduleurs", [_supplies_table(known, supplies)])),
        ],
        menu="Supervision",
    )


def _covered(known: Known) -> list[Covered]:
    """Judge all that the town declares by the hosts of the supervision, as last read."""
    hosts = known.living.get("hosts")
    if hosts is None:
        return []
    return covered(known.town.owners.values(), {"read_at": hosts["read_at"].isoformat(), "hosts": hosts["values"]})


def _supplies(known: Known) -> Iterator[Supply]:
    for site, declared in in_service(known).items():
        record = known.verifications.get(site)
        tests = {test.id: test for test in record.tests} if record else {}
        for ups in declared["premises"]["ups"]:
            test = tests.get(f"ups.{ups['name']}")
            ended = record.ended if record and test else ""
            yield Supply(site, ups["name"], test, ended, bool(ended) and too_old(known, ended))


def _counts(
    known: Known, rows: Sequence[Covered], months: Sequence[tuple[Readings, Sequence[LinkFigures]]],
    supplies: Sequence[Supply],
) -> Facts:  # fmt: skip
    problems = known.problems
    facts = [
        Fact("coverage", "Éléments surveillés", _share(figure_rows(rows)[-1:])),
        Fact("problems", "Problèmes en cours", _UNKNOWN if problems is None else _summed(problems)),
    ]
    if months:
        readings, links = months[0]
        counts = Counter(VERDICTS[row["verdict"]][0] for row in links)
        said = ", ".join(f"{word} : {count}" for word, count in counts.items())
        facts.append(Fact("links", f"Liaisons, {month_words(readings['month'])}", Cell(said)))
    else:
        facts.append(Fact("links", "Liaisons", _UNKNOWN))
    tried = Counter(supply.verdict for supply in supplies)
    words = ", ".join(agreed(tried[verdict], word) for verdict, word in COUNTED.items() if tried[verdict])
    mark = _UNKNOWN.mark if tried["unknown"] else None
    facts.append(Fact("supplies", "Onduleurs", Cell(words or "aucun n’est déclaré", mark)))
    if hosts := known.living.get("hosts"):
        facts.append(Fact("read_at", "Surveillance relevée le", Cell(moment(hosts["read_at"].isoformat()))))
    return Facts("Ce qui vit, en nombres", facts)


def _summed(problems: Kept[dict[str, list[Problem]]]) -> Cell:
    """Count the problems, with the moment of their own reading."""
    return Cell(f"{sum(map(len, problems['values'].values()))}, relevés le {moment(problems['read_at'].isoformat())}")


def _share(whole: Sequence[Mapping[str, object]]) -> Cell:
    """Write the share of what is watched, of all classes."""
    if not whole or whole[0]["percent"] is None:
        return _UNKNOWN
    row = whole[0]
    unknown = f", {agreed(int(str(row['unknown'])), 'inconnu(s)')}" if row["unknown"] else ""
    percent = notation.measure(int(float(str(row["percent"])) * 10) / 10, "%", 1)
    said = f"{row['numerator']} sur {row['denominator']} ({percent}){unknown}"
    return Cell(f"✓ {said}", "good") if row["reached"] else Cell(f"✗ {said}", "bad")


def _coverage(known: Known, rows: Sequence[Covered]) -> Iterator[Table | Text]:
    pushed = next((run for run in known.runs if any(task.get("module") == _PUSH for task in run["tasks"])), None)
    none = known.nothing("journal", "aucune au journal de ce poste")
    said = f"{moment(pushed['ended'])}, {OUTCOMES[pushed['outcome']]}" if pushed else none
    yield Text(f"Dernière fois que Piste a dit à Zabbix où il en est : {said.removesuffix('.')}.")
    hosts = known.living.get("hosts")
    if hosts is None:
        yield Text(known.lifeless("hosts", "Ce qui est surveillé n’a jamais été relevé : inconnu."))
        return
    yield Text(f"Relevé dans Zabbix le {moment(hosts['read_at'].isoformat())}.")
    yield Table.of(
        "classes", "Par classe", figure_rows(rows), lambda row: str(row["class"]),
        (Column("class", "Classe", 2), lambda row: Cell(_WORDS.get(row["class"], row["class"]))),
        (Column("share", "Surveillés", 2), lambda row: _share([row])),
        empty="Rien n’est à surveiller.",
    )  # fmt: skip
    commune = known.town.commune
    labels = {f"application-{each['id']}": each["label"] for each in commune["applications"]} if commune else {}
    missing = Table.of(
        "missing", "Ce qui n’est pas surveillé", [row for row in rows if row.state != "watched"],
        lambda row: f"{row.kind}/{row.site}/{row.name}",
        (Column("name", "Élément", 2), lambda row: Cell(labels.get(row.name, row.name))),
        (Column("class", "Classe", 1), lambda row: Cell(_WORDS.get(row.kind, row.kind))),
        (Column("site", "Site", 2), lambda row: _site(known, row.site)),
        (Column("why", "Pourquoi", 3), lambda row: Cell(f"? {row.why}" if row.state == "unknown" else f"✗ {row.why}",
                                                        "doubt" if row.state == "unknown" else "bad")),
        empty="Tout est surveillé.",
    )  # fmt: skip
    yield replace(missing, folded=len(missing.rows) > LONG)


def _problems(known: Known, rows: Sequence[Covered]) -> Table | Text:
    problems = known.problems
    if problems is None and "problems" in known.living:
        return Text("Inconnus : Zabbix n’a montré aucun hôte, donc aucun problème. Le compte de Piste les lit-il ?")
    if problems is None:
        return Text(known.lifeless("problems", "Les problèmes en cours n’ont jamais été relevés : inconnus."))
    sites = {row.name: row.site for row in rows}
    listed = [(name, problem) for name, here in problems["values"].items() for problem in here]
    listed.sort(key=lambda entry: (-entry[1]["severity"], entry[1]["since"], entry[0]))
    return Table.of(
        "problems", f"Relevés dans Zabbix le {moment(problems['read_at'].isoformat())}", listed,
        lambda entry: f"{entry[0]}/{entry[1]['id']}",
        (Column("name", "Hôte", 2), lambda entry: Cell(entry[0])),
        (Column("site", "Site", 2), lambda entry: _site(known, sites.get(entry[0], ""))),
        (Column("problem", "Problème", 3), lambda entry: Cell(f"✗ {entry[1]['name']}", "bad")),
        (Column("severity", "Gravité", 1), lambda entry: Cell(SEVERITIES[entry[1]["severity"]])),
        (Column("since", "Depuis", 2), lambda entry: Cell(moment(entry[1]["since"]))),
        (Column("acknowledged", "Acquitté", 1), lambda entry: Cell("oui" if entry[1]["acknowledged"] else "non")),
        empty="Aucun problème n’était en cours.",
    )  # fmt: skip


def _links(known: Known, months: Sequence[tuple[Readings, Sequence[LinkFigures]]]) -> Iterator[Table | Text]:
    if not months:
        yield Text(known.nothing("links", "Aucun mois n’a été relevé : inconnu."))
    for readings, rows in months:
        at = readings["measured_at"]
        when = f"mesures relevées le {moment(at)}" if at else "mesures jamais relevées"
        yield Table.of(
            f"links[{readings['month']}]", f"{month_words(readings['month']).capitalize()}, {when}", rows,
            lambda row: row["link"]["name"],
            (Column("name", "Liaison", 2), lambda row: Cell(row["link"]["name"])),
            (Column("site", "Site", 2), lambda row: _site(known, row["link"]["site"])),
            (Column("operator", "Opérateur", 1), lambda row: optional(row["link"]["operator"])),
            (Column("available", "Disponible", 1), available),
            (Column("measured", "Part mesurée", 1), lambda row: share(row["availability"]["measured"])),
            (Column("objective", "Objectif", 1), objective),
            (Column("verdict", "Verdict", 1), lambda row: Cell(*VERDICTS[row["verdict"]])),
            (Column("latency", "Latence", 1), lambda row: shown(row["latency"]["mean_ms"], "ms", 1)),
            (Column("loss", "Perte", 1), lambda row: shown(row["loss"]["percent"], "%", 2)),
            (Column("rate", "Débit", 1), lambda row: shown(row["rate"]["mean_mbps"], "Mbit/s", 1)),
            empty="Aucune liaison n’est déclarée.",
        )  # fmt: skip


def _supplies_table(known: Known, supplies: Sequence[Supply]) -> Table:
    return Table.of(
        "supplies", "À la dernière vérification de chaque site", supplies,
        lambda supply: f"{supply.site}/{supply.name}",
        (Column("name", "Onduleur", 2), lambda supply: Cell(supply.name)),
        (Column("site", "Site", 2), lambda supply: _site(known, supply.site)),
        (Column("state", "État", 1), lambda supply: verdict_cell(supply.verdict)),
        (Column("seen", "Constat", 3), lambda supply: _seen(known, supply)),
        (Column("at", "Vérifié le", 1), lambda supply: optional(moment(supply.ended) if supply.ended else None)),
        empty="Aucun onduleur n’est déclaré.",
    )  # fmt: skip


def _seen(known: Known, supply: Supply) -> Cell:
    if supply.test is None:
        return Cell(known.nothing("verifications", f"jamais essayé : piste verify {supply.site}"))
    old = "trop ancien pour le dire encore" if supply.old else ""
    return optional(" ; ".join(part for part in (supply.test.observed, supply.test.reason, old) if part))


def _site(known: Known, site: str) -> Cell:
    if site in in_service(known):
        return Cell(known.town.sites[site]["name"], link=site_path(site))
    return Cell("Ville" if known.town.commune and site == known.town.commune["id"] else site or "—")
