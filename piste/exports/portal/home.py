"""The first page: counts, what waits for someone, every site, figures against their target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding, State
from piste.engine.words import NO_BREAK, agreed
from piste.exports.portal.figure_cells import FigureCells
from piste.exports.portal.known import Known
from piste.exports.portal.map import site_map
from piste.exports.portal.page import FIRST, Audience, Page, Part
from piste.exports.portal.places import SUBJECTS, in_service, site_path
from piste.exports.portal.services import losses, lost, verdict
from piste.exports.portal.states import VERDICTS, judged, passage_text, site_cell, site_state, verification_text
from piste.exports.portal.trends import trends
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import (
    TO_CONFIRM,
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Mark,
    Section,
    Table,
    Text,
    optional,
)
from piste.papers.dossier.sheet import hours_cell
from piste.readings.protection.figures import LABELS as PROTECTION
from piste.readings.protection.figures import Figure as Protection
from piste.readings.protection.figures import FigureId
from piste.sites.convergence import SiteVerdict
from piste.sites.decisions import gathered, total
from piste.sobriety.history import Reading
from piste.town.model import Site
from piste.trials.restore.calendar import COUNTED

_COUNTED: Mapping[SiteVerdict, str] = {
    "converged": "site(s) convergé(s)",
    "drifted": "site(s) en écart",
    "unknown": "site(s) inconnu(s)",
}
_WAITING: Mapping[State, tuple[str, str, Mark]] = {
    "wrong": ("À corriger", "point(s) à corriger", "bad"),
    "unknown": ("Inconnu, à lire ou à faire", "point(s) inconnu(s)", "doubt"),
}
"""The caption, the count and the mark of what waits, the gravest first."""
_PROTECTED: Mapping[FigureId, str] = {"F14": "sauvegardes en 3-2-1", "RPO": "copies assez récentes"}
_ALIKE = 3
"""Lines of one subject that are read one by one; more of them are behind its name."""
_NAMED = 4
"""Things that a line of decisions alike names."""
_ORDER: Sequence[Mark | None] = ("bad", "doubt", "good")
_HOURS = Text(
    "Les heures pendant lesquelles les ordinateurs de chaque site servent ; hors de ces heures, ils peuvent s’arrêter. "
    "Ce ne sont pas les heures d’accueil du public."
)


def home(known: Known) -> Page:
    """Make the page."""
    sites = in_service(known)
    groups = {label: [*here] for label, here in groupby(_by_category(sites), lambda site: site["category_label"])}
    waits = waiting(known)
    every = losses(known, waits)
    return Page(
        FIRST,
        f"L’informatique de la {known.town.name}",
        [
            Part(Section("state", "La Ville va-t-elle bien ?", [verdict(known, every), _tiles(known, waits)]), "town"),
            Part(Section("services", "Ce qui ne va pas, et pour qui", [lost(known, every)]), "town"),
            Part(Section("decisions", "Décisions attendues", [*_decisions(known, "town")]), "town", only=True),
            Part(Section("decisions", "Décisions attendues", [*_decisions(known, "engineer")])),
            Part(Section("trends", "Depuis un an", [*trends(known)]), "town"),
            Part(Section("map", "La carte des sites", [site_map(known)]), "town"),
            Part(Section("alerts", "À regarder", [*_alerts(waits)])),
            Part(Section("sites", "Les sites", [*_sites(known, groups)]), "town"),
            Part(Section("figures", "Les chiffres", [*_figures(known)]), "town"),
        ],
        menu="La Ville",
        lead="Ce que la déclaration dit, et ce que les derniers relevés ont vu. Ce qui n’a pas été lu est inconnu.",
    )


def home_for_all(known: Known) -> Page:
    """Make the page of everybody, with its own words."""
    sites = in_service(known)
    groups = {label: [*here] for label, here in groupby(_by_category(sites), lambda site: site["category_label"])}
    part = Part(Section("open", "Les heures des ordinateurs", [_HOURS, *_hours(groups)]), "public", only=True)
    lead = "Ce que la Ville publie de son informatique : ses sites, sa sobriété, l’accessibilité de ses pages."
    return Page(FIRST, f"L’informatique de la {known.town.name}, en public", [part], menu="La Ville", lead=lead)


def _decisions(known: Known, audience: Audience) -> Iterator[Block]:
    """List what waits for a decision, those alike on a line; commands are for engineers alone.

    Decisions that are no longer what was sealed come after.
    """
    every = (decision for decision in known.decisions if decision.taken is None)
    waiting = [decision for decision, _ in gathered(every, _NAMED)]
    todo = ((Column("todo", "Par où commencer", 3), lambda decision: Cell(decision.todo)),)
    yield Table.of(
        "decisions", "Ce qui attend quelqu’un", waiting, lambda decision: decision.id,
        (Column("what", "Décision", 5), lambda decision: Cell(decision.what)),
        (Column("who", "Qui", 2), lambda decision: Cell(decision.who)),
        (Column("by", "Avant le", 1.2), lambda decision: optional(in_town(decision.by, DAY) if decision.by else "")),
        (Column("otherwise", "Sinon", 3), lambda decision: Cell(decision.otherwise)),
        (Column("cost", "Coût déclaré", 1.6), lambda decision: optional(decision.priced)),
        *(todo if audience == "engineer" else ()),
        empty=known.nothing("decisions", "Aucune décision n’est attendue."),
    )  # fmt: skip
    if costs := total(known.decisions).strip():
        yield Text(costs)
    if known.differences or "sealed" in known.unread:
        yield Table.of(
            "sealed", "Décisions prises qui ne sont plus ce que le journal a scellé", known.differences,
            lambda made: f"{made.state} {made.id}",
            (Column("what", "Ce qui diffère, et ce qui fut scellé", 6), lambda made: Cell(made.what, "bad")),
            (Column("todo", "À faire", 3), lambda made: Cell(made.todo)),
            empty=known.nothing("sealed", ""),
        )  # fmt: skip


def _tiles(known: Known, waiting: Sequence[Finding]) -> Facts:
    serving = [name for name, site in in_service(known).items() if site["lifecycle"] in ("open", "closing")]
    verdicts = Counter(judged(known, name).verdict for name in serving)
    states = Counter(finding.state for finding in waiting)
    tiles = [_count(key, verdicts[key], words, VERDICTS[key][1], f"{FIRST}#sites") for key, words in _COUNTED.items()]
    if wrong := sum(site_state(known, name) == "wrong" for name in serving):
        tiles.append(_count("wrong_sites", wrong, "site(s) à corriger", "bad", f"{FIRST}#sites"))
    for state, (_, words, mark) in _WAITING.items():
        tiles.append(_count(state, states[state], words, mark, f"{FIRST}#services"))
    tiles.append(_problems(known))
    for figure in known.protection:
        cell = Cell(notation.value(figure["value"], "%"), _mark(figure), link="sauvegardes.html#sets")
        tiles.append(Fact(figure["id"], _PROTECTED[figure["id"]], cell))
    if "backups" in known.unread:
        unknown = Cell("inconnu", "doubt", link="sauvegardes.html#sets")
        tiles += [Fact(key, label, unknown) for key, label in _PROTECTED.items()]
    if "restores" in known.unread:
        unknown = Cell("inconnu", "doubt", link="sauvegardes.html#restores")
        tiles.append(Fact("restores", "restaurations prouvées", unknown))
    elif known.restores:
        proven, of = sum(row.due in COUNTED for row in known.restores), len(known.restores)
        cell = Cell(_of(proven, of), "good" if proven == of else "doubt", link="sauvegardes.html#restores")
        tiles.append(Fact("restores", "restaurations prouvées", cell))
    tiles.append(_aimed(known.sobriety))
    return Facts("La Ville à cet instant", tiles, tiles=True)


def _problems(known: Known) -> Fact:
    """Make the tile of what the supervision reports."""
    kept = known.problems
    number = sum(map(len, kept["values"].values())) if kept else None
    mark: Mark = "doubt" if number is None else "bad" if number else "good"
    cell = Cell("inconnu" if number is None else str(number), mark, link="supervision.html#problems")
    return Fact("problems", agreed(2 if number is None else number, "problème(s) en cours").partition(" ")[2], cell)


def _aimed(reading: Reading | None) -> Fact:
    targets = [(figure.target, figure.reached) for figure in (reading.figures if reading else ()) if figure.target]
    aimed = [reached for _, reached in targets]
    mark: Mark = "bad" if False in aimed else "doubt" if None in aimed or not aimed else "good"
    unconfirmed = any(target.status == TO_CONFIRM for target, _ in targets)
    text = _of(aimed.count(True), len(aimed)) if aimed else "inconnu"
    cell = Cell(text, mark, link="sobriete.html#figures", unconfirmed=unconfirmed)
    return Fact("sobriety", f"cibles de sobriété atteintes{' (à confirmer)' if unconfirmed else ''}", cell)


def _count(key: str, number: int, words: str, mark: Mark, link: str) -> Fact:
    """Make the tile of a count, without a mark where there is nothing to see."""
    return Fact(key, agreed(number, words).partition(" ")[2], Cell(str(number), mark if number else None, link=link))


def _of(part: int, whole: int) -> str:
    return f"{part}{NO_BREAK}/{NO_BREAK}{whole}"


def _mark(figure: Protection) -> Mark:
    return "doubt" if figure["value"] is None else "good" if figure["reached"] else "bad"


def waiting(known: Known) -> list[Finding]:
    """List what is wrong or unknown, what could not be read included."""
    unread = [Finding(subject, "unknown", why) for subject, why in known.unread.items()]
    return [finding for finding in (*known.findings, *unread) if finding.state != "ok"]


def _alerts(waiting: Sequence[Finding]) -> Iterator[Block]:
    """Yield what waits, the gravest first; the many lines of a subject are behind its name."""
    if not waiting:
        yield Text("Rien n’attend.")
    for state, (caption, _, _) in _WAITING.items():
        subjects: dict[str, list[Finding]] = {}
        for finding in waiting:
            if finding.state == state:
                subjects.setdefault(_subject(finding), []).append(finding)
        alone = [finding for listed in subjects.values() if len(listed) <= _ALIKE for finding in listed]
        if alone:
            yield _findings(state, caption, alone)
        for subject, listed in subjects.items():
            if len(listed) > _ALIKE:
                said = f"{subject} : {caption[:1].lower()}{caption[1:]}"
                yield replace(_findings(f"{state}[{subject}]", said, listed), folded=True)


def _findings(key: str, caption: str, findings: Sequence[Finding]) -> Table:
    return Table.of(
        key, caption, findings, lambda finding: finding.id,
        (Column("subject", "Sujet", 1), lambda finding: Cell(_subject(finding))),
        (Column("what", "Constat", 4), lambda finding: Cell(notation.dated(finding.what))),
        (Column("since", "Depuis", 1), lambda finding: optional(in_town(finding.since, DAY) if finding.since else "")),
        (Column("todo", "À faire", 4), lambda finding: optional(finding.todo)),
        (Column("who", "Qui", 1), lambda finding: optional(finding.who)),
    )  # fmt: skip


def _subject(finding: Finding) -> str:
    named = SUBJECTS.get(finding.id) or SUBJECTS.get(finding.id.partition(".")[0]) or finding.id
    return _capital(named)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _by_category(sites: Mapping[str, Site]) -> list[Site]:
    order = [*dict.fromkeys(site["category_label"] for site in sites.values())]
    return sorted(sites.values(), key=lambda site: (order.index(site["category_label"]), site["name"].casefold()))


type _Read = Callable[[str], str | None]


def _sites(known: Known, groups: Mapping[str, Sequence[Site]]) -> Iterator[Block]:
    """Yield the sites, a table a category; what no site of the town has is said once."""

    def last(name: str) -> str | None:
        state = known.states.get(name)
        return passage_text(state.last) if state and state.last else None

    def drift(name: str) -> str | None:
        state = known.states.get(name)
        return passage_text(state.drift, drift=True) if state and state.drift else None

    def verified(name: str) -> str | None:
        record = known.verifications.get(name)
        return verification_text(record) if record else None

    named: Mapping[str, tuple[str, str, str, _Read]] = {
        "drift": ("Dernière dérive", "runs", "aucune", drift),
        "last": ("Dernière exécution", "runs", "aucune", last),
        "verified": ("Dernière vérification", "verifications", "jamais", verified),
    }
    every = [site["id"] for listed in groups.values() for site in listed]
    kept = {key: of for key, of in named.items() if of[1] in known.unread or any(of[3](name) for name in every)}
    if absent := [of[0].lower() for key, of in named.items() if key not in kept]:
        yield Text(f"Ce poste ne garde, pour aucun site : {', '.join(absent)}.")
    shown = {key: (title, known.nothing(subject, none), read) for key, (title, subject, none, read) in kept.items()}
    wide = 2.4 if any(judged(known, name).why for name in every) else 1.3
    for label, listed in groups.items():
        yield Table.of(
            f"sites[{label}]", label, listed, lambda site: site["id"],
            (Column("site", "Site", 3), lambda site: Cell(site["name"], link=site_path(site["id"]))),
            (Column("state", "État", wide), lambda site: _state(known, site)),
            *(
                (Column(key, title, 2.2), lambda site, read=read, none=none: Cell(read(site["id"]) or none))
                for key, (title, none, read) in shown.items()
            ),
            (Column("hours", "Heures des ordinateurs", 2.4), lambda site: hours_cell(site["opening_hours"])),
        )  # fmt: skip


def _state(known: Known, site: Site) -> Cell:
    if site["lifecycle"] in ("open", "closing"):
        return site_cell(known, site["id"])
    return Cell(notation.LIFECYCLE[site["lifecycle"]])


def _hours(groups: Mapping[str, Sequence[Site]]) -> Iterator[Block]:
    """Yield the confirmed hours, a table a category; the sites without are named together."""
    waiting: list[str] = []
    for label, listed in groups.items():
        serving = [site for site in listed if site["lifecycle"] != "planned"]
        confirmed = [site for site in serving if _confirmed(site["opening_hours"])]
        waiting += [site["name"] for site in serving if site not in confirmed]
        if confirmed:
            yield Table.of(
                f"hours[{label}]", label, confirmed, lambda site: site["id"],
                (Column("site", "Site", 2), lambda site: Cell(site["name"])),
                (Column("hours", "Heures des ordinateurs", 3), lambda site: hours_cell(site["opening_hours"])),
            )  # fmt: skip
    if waiting:
        yield Text(f"Heures des ordinateurs pas encore confirmées : {', '.join(waiting)}.")


def _confirmed(hours: Mapping[str, Any] | None) -> bool:
    return hours is not None and hours["status"] != TO_CONFIRM


def _figures(known: Known) -> Iterator[Block]:
    """Yield the figures that have a target: first those missed, then unknown, then reached."""
    cells = FigureCells(known.town)
    rows: list[tuple[str, Cell, Cell, Cell, Cell]] = [
        (figure["id"], Cell(_capital(PROTECTION[figure["id"]]), link="sauvegardes.html#sets"), _share(figure),
         Cell(notation.measure(figure["target"], "%")), _VERDICTS[_mark(figure)])
        for figure in known.protection
    ]  # fmt: skip
    rows += [
        (figure.id, Cell(figure.title, link="sobriete.html#figures"), cells.value(figure), cells.target(figure),
         cells.verdict(figure))
        for figure in (known.sobriety.figures if known.sobriety else ())
        if figure.target
    ]  # fmt: skip
    yield Table.of(
        "figures", "Contre leur cible", sorted(rows, key=lambda row: _ORDER.index(row[4].mark)), lambda row: row[0],
        (Column("figure", "Indicateur", 5), lambda row: row[1]),
        (Column("value", "Valeur", 2), lambda row: row[2]),
        *([(Column("before", "Auparavant", 2), lambda row: _before(known, row[0]))] if known.trends else []),
        (Column("target", "Cible", 2), lambda row: row[3]),
        (Column("verdict", "Verdict", 2), lambda row: row[4]),
        empty=known.nothing("backups", known.nothing("sobriety", "Aucun chiffre n’est gardé.")),
    )  # fmt: skip
    if known.sobriety is None:
        yield Text(f"Sobriété. {known.nothing('sobriety', 'Aucun relevé n’est gardé.')}")


def _before(known: Known, figure: str) -> Cell:
    """Write what a figure was a month before, else when it was first noted since."""
    trend = known.trends.get(figure)
    if trend is None or trend.since == trend.day:
        return optional("")
    return Cell(f"{notation.value(trend.before, trend.unit)} (le {in_town(trend.since, DAY)})")


_VERDICTS: Mapping[Mark, Cell] = {
    "good": Cell("✓ atteint", "good"), "bad": Cell("✗ non atteint", "bad"), "doubt": Cell("? inconnu", "doubt"),
}  # fmt: skip


def _share(figure: Protection) -> Cell:
    """Write a share of protected sets with its count."""
    if figure["value"] is None:
        return Cell("inconnu", "doubt")
    return Cell(f"{notation.value(figure['value'], '%')} ({figure['numerator']} sur {figure['denominator']})")
