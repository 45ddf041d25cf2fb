"""The pages of the town as a whole: what one looks at first, then a page a subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from piste.dossier import notation
from piste.dossier.accessibility import accessibility, accessibility_sections, headline
from piste.dossier.blocks import Cell, Column, Fact, Facts, Section, Table, Text, optional
from piste.dossier.network_map import town_map, town_map_sections
from piste.dossier.reversibility_plan import read_plan
from piste.dossier.sheet import hours_text
from piste.dossier.subject import Commune
from piste.finding import Finding
from piste.model import Site
from piste.portal.known import Known
from piste.portal.page import Page, Part
from piste.portal.states import (
    VERDICTS,
    finding_cell,
    moment,
    passage_text,
    site_verdict,
    verdict_cell,
    verification_text,
)
from piste.protection.figures import LABELS
from piste.records.readable import outcome, totals
from piste.restore.calendar import DUES
from piste.sites.crossings import crossings
from piste.sites.flows import Picture, Row, declared_rules
from piste.sobriety.documents.figure_tables import figures_table, method_text, target_text, value_cell, verdict
from piste.sobriety.documents.notes import Notes
from piste.sobriety.figure import Figure
from piste.sobriety.history import Reading

SUBJECTS = {
    "runs": "exécutions", "verifications": "vérifications", "journal": "journal", "certificates": "certificats",
    "backups": "sauvegardes", "restores": "restaurations", "sobriety": "sobriété",
}  # fmt: skip
_ALERTS = {"wrong": 0, "unknown": 1}


def in_service(known: Known) -> dict[str, Site]:
    """The sites that the portal shows: in service, closing, or planned."""
    return {name: site for name, site in known.town.sites.items() if site["lifecycle"] != "closed"}


def site_path(site: str) -> str:
    return f"sites/{site}.html"


def pages(known: Known) -> Iterator[Page]:
    """Yield the pages of the town, the first of all first."""
    yield _index(known)
    if known.town.commune:
        yield from _network(known)
    yield _backups(known)
    yield _certificates(known)
    yield _sobriety(known)
    yield _journal(known)
    yield _gaps(known)
    yield _accessibility(known)


def _index(known: Known) -> Page:
    sites = in_service(known)
    open_sites = [name for name, site in sites.items() if site["lifecycle"] in ("open", "closing")]
    counts = Counter(site_verdict(known, name) for name in open_sites)
    summary = ", ".join(f"{counts[verdict]} {word[2:]}" for verdict, (word, _) in VERDICTS.items())
    facts = Facts(
        "La Ville à cet instant",
        [
            Fact("sites", "Sites en service", Cell(f"{len(open_sites)} : {summary}")),
            Fact("moment", "État établi le", Cell(notation.moment(known.moment))),
        ],
    )
    groups = {label: [*here] for label, here in groupby(_by_category(sites), lambda site: site["category_label"])}
    tables = [_sites(known, label, here) for label, here in groups.items()]
    hours = [_hours(label, here) for label, here in groups.items()]
    return Page(
        "index.html",
        f"L’informatique de la {known.town.name}",
        [
            Part(Section("state", "En bref", [facts]), "town"),
            Part(Section("sites", "Les sites", tables), "town"),
            Part(Section("alerts", "À regarder", [_alerts(known)])),
            Part(Section("figures", "Les chiffres", [*_figures(known)]), "town"),
            Part(Section("open", "Nos sites et leurs heures", hours), "public"),
        ],
        menu="La Ville",
        lead="Ce que la déclaration dit, et ce que les derniers relevés ont vu. Ce qui n’a pas été lu est inconnu.",
    )


def _by_category(sites: Mapping[str, Site]) -> list[Site]:
    order = [*dict.fromkeys(site["category_label"] for site in sites.values())]
    return sorted(sites.values(), key=lambda site: (order.index(site["category_label"]), site["name"].casefold()))


def _sites(known: Known, label: str, sites: Sequence[Site]) -> Table:
    def state(name: str) -> str:
        return passage_text(known.states[name].last) if name in known.states else passage_text(None)

    def drift(name: str) -> str:
        return passage_text(known.states[name].drift, drift=True) if name in known.states else passage_text(None)

    return Table.of(
        f"sites[{label}]", label, sites, lambda site: site["id"],
        (Column("site", "Site", 3), lambda site: Cell(site["name"], link=site_path(site["id"]))),
        (Column("state", "État", 1), lambda site: _state(known, site)),
        (Column("last", "Dernière exécution", 2), lambda site: Cell(state(site["id"]))),
        (Column("drift", "Dernière dérive", 2), lambda site: Cell(drift(site["id"]))),
        (Column("verified", "Dernière vérification", 3),
         lambda site: Cell(verification_text(known.verifications.get(site["id"])))),
    )  # fmt: skip


def _state(known: Known, site: Site) -> Cell:
    if site["lifecycle"] in ("open", "closing"):
        return verdict_cell(known, site["id"])
    return Cell(notation.LIFECYCLE[site["lifecycle"]])


def _hours(label: str, sites: Sequence[Site]) -> Table:
    return Table.of(
        f"hours[{label}]", label, [site for site in sites if site["lifecycle"] != "planned"], lambda site: site["id"],
        (Column("site", "Site", 2), lambda site: Cell(site["name"])),
        (Column("hours", "Heures d’ouverture", 3), lambda site: optional(hours_text(site["opening_hours"]))),
        empty="Aucun site ouvert.",
    )  # fmt: skip


def _alerts(known: Known) -> Table:
    waiting = [finding for finding in known.findings if finding.state != "ok"]
    waiting += [Finding(subject, "unknown", f"{SUBJECTS[subject]} : {why}") for subject, why in known.unread.items()]
    waiting.sort(key=lambda finding: _ALERTS[finding.state])
    return Table.of(
        "alerts", "Ce qui demande quelqu’un", waiting, lambda finding: finding.id,
        (Column("state", "État"), lambda finding: finding_cell(finding.state)),
        (Column("what", "Constat", 4), lambda finding: Cell(finding.what)),
        (Column("todo", "À faire", 3), lambda finding: optional(finding.todo)),
        empty="Rien n’attend.",
    )  # fmt: skip


def _figures(known: Known) -> Iterator[Table | Text]:
    rows = [(figure["id"], LABELS[figure["id"]], _share(figure)) for figure in known.protection]
    yield Table.of(
        "protection", "Sauvegardes", rows, lambda row: row[0],
        (Column("figure", "Chiffre"), lambda row: Cell(row[0])),
        (Column("what", "Ce qu’il mesure", 3), lambda row: Cell(row[1])),
        (Column("value", "Valeur", 2), lambda row: row[2]),
        empty="Aucune lecture.",
    )  # fmt: skip
    if known.sobriety is None:
        yield Text("Sobriété : aucun relevé n’est gardé.")
    else:
        yield _measured(known.sobriety)


def _share(figure: object) -> Cell:
    value, numerator, denominator = (figure[name] for name in ("value", "numerator", "denominator"))  # type: ignore[index]
    if value is None:
        return Cell("? inconnu", "doubt")
    text = f"{notation.measure(value, '%', 1)} ({numerator} sur {denominator})"
    return Cell(text, "good" if figure["reached"] else "bad")  # type: ignore[index]


def _network(known: Known) -> Iterator[Page]:
    """Yield the map of the network, then the zones that reach zones, with the rules behind it."""
    picture = Picture(known.town, declared_rules(known.town))
    subject = Commune(known.town, read_plan(), known.moment[:10], crossings(known.town, picture))
    drawn = {section.key: section for section in town_map_sections(town_map(subject), subject)}
    reach = drawn.pop("reach", None)
    yield Page("carte.html", "Carte du réseau", [Part(section) for section in drawn.values()], menu="Carte")
    rows: dict[str, list[Row]] = {}
    for row in picture.rows():
        rows.setdefault(row.zone, []).append(row)
    text = Text(
        "Par les règles déclarées : pare-feu, listes des commutateurs, règles des SSID. Ce qui n’y est pas est refusé."
    )
    detail = Section("flows", "Flux par flux", [text, *(_flows(known, zone, listed) for zone, listed in rows.items())])
    yield Page("flux.html", "Qui atteint quoi", [*([Part(reach)] if reach else []), Part(detail)], menu="Flux")


def _flows(known: Known, zone: str, rows: Sequence[Row]) -> Table:
    return Table.of(
        f"zone[{zone}]", f"Depuis la zone {notation.ZONE.get(zone, zone)}", rows,
        lambda row: "/".join((row.site, row.segment, *row.sources, *row.destinations)),
        (Column("site", "Depuis", 2), lambda row: Cell(_from(known, row), link=site_path(row.site))),
        (Column("to", "Atteint", 2), lambda row: Cell(", ".join(row.destinations))),
        (Column("services", "Par", 2), lambda row: Cell(", ".join(row.services))),
        (Column("rules", "Règles", 3), lambda row: Cell(" ; ".join(row.rules))),
    )  # fmt: skip


def _from(known: Known, row: Row) -> str:
    place = f"{known.town.sites[row.site]['name']}, {row.segment}" if row.site in known.town.sites else row.segment
    return f"{place} ({', '.join(row.sources)})" if row.sources else place


def _backups(known: Known) -> Page:
    sets = Table.of(
        "sets", "Ensembles protégés", known.sets, lambda judged: judged.item["name"],
        (Column("set", "Ensemble", 2), lambda judged: Cell(judged.item["name"])),
        (Column("family", "Famille", 1), lambda judged: Cell(judged.item["family"])),
        (Column("state", "État"), lambda judged: finding_cell(judged.state)),
        (Column("why", "Constat", 4), lambda judged: optional(" ; ".join(judged.faults))),
        empty="Aucun ensemble n’est déclaré, ou aucune lecture n’est gardée.",
    )  # fmt: skip
    restores = Table.of(
        "restores", "Essais de restauration", known.restores, lambda row: row.test["name"],
        (Column("test", "Essai", 3), lambda row: Cell(row.test["label"])),
        (Column("due", "Où il en est", 2), lambda row: Cell(DUES[row.due])),
        (Column("until", "Vaut jusqu’au"), lambda row: optional(notation.day(row.until) if row.until else None)),
        empty="Aucun essai n’est déclaré.",
    )  # fmt: skip
    return Page(
        "sauvegardes.html",
        "Sauvegardes et restaurations",
        [
            Part(Section("sets", "Ce qui est protégé", [sets])),
            Part(Section("restores", "Ce qui a été restauré pour essai", [restores]), "town"),
        ],
        menu="Sauvegardes",
    )


def _certificates(known: Known) -> Page:
    listed = sorted(known.certificates, key=lambda judged: (judged.days is None, judged.days or 0))
    table = Table.of(
        "certificates", "Certificats, celui qui finit d’abord le premier", listed,
        lambda judged: judged.certificate["name"],
        (Column("name", "Certificat", 2), lambda judged: Cell(judged.certificate["name"])),
        (Column("use", "Usage", 3), lambda judged: Cell(judged.certificate["use"])),
        (Column("state", "État"), lambda judged: finding_cell(judged.state)),
        (Column("seen", "Constat", 3), lambda judged: optional(judged.observed)),
        empty="Aucun certificat n’est déclaré.",
    )  # fmt: skip
    return Page("certificats.html", "Certificats", [Part(Section("all", "Échéances", [table]))], menu="Certificats")


def _sobriety(known: Known) -> Page:
    reading = known.sobriety
    if reading is None:
        parts = [Part(Section("figures", "Indicateurs", [Text("Aucun relevé n’est gardé.")]), "public")]
    else:
        notes = Notes(known.town, reading.figures)
        day = Text(f"Relevé du {notation.day(reading.day)}.")
        whole = figures_table("detail", "Ce que compte chaque indicateur", reading.figures, notes)
        parts = [
            Part(Section("figures", "Indicateurs", [day, _measured(reading)]), "public"),
            Part(Section("detail", "Détail", [whole, notes.table("notes", "Sources")]), "town"),
        ]
    return Page("sobriete.html", "Sobriété numérique", parts, menu="Sobriété")


def _measured(reading: Reading) -> Table:
    """List the figures by the fields that everybody may read: value, nature, target, verdict."""
    return Table.of(
        "sobriety", "Sobriété, contre les cibles du marché", reading.figures, lambda figure: figure.id,
        (Column("figure", "Indicateur", 4), lambda figure: Cell(figure.title)),
        (Column("value", "Valeur", 2), value_cell),
        (Column("method", "Nature", 2), _nature),
        (Column("target", "Cible", 2), lambda figure: optional(target_text(figure.target, figure.unit))),
        (Column("verdict", "Verdict", 2), verdict),
    )  # fmt: skip


def _nature(figure: Figure) -> Cell:
    """Say if a figure was measured, or estimated; a figure without a value is neither."""
    return Cell("—" if figure.value is None else method_text(figure))


def _journal(known: Known) -> Page:
    table = Table.of(
        "runs", f"Les {len(known.runs)} dernières exécutions", known.runs, lambda record: record["id"],
        (Column("ended", "Finie le", 2), lambda record: Cell(moment(record["ended"]))),
        (Column("user", "Par", 1), lambda record: optional(record["user"])),
        (Column("mode", "Mode"), lambda record: Cell("essai" if record["check"] else "réelle")),
        (Column("outcome", "Issue", 1), lambda record: Cell(outcome(record))),
        (Column("counts", "Opérations", 1), lambda record: Cell(totals(record))),
        (Column("limit", "Sites", 2), lambda record: Cell(record["limit"] or "tous les sites")),
        (Column("id", "Numéro", 2, code=True), lambda record: Cell(record["id"])),
        empty="Le journal de ce poste est vide.",
    )  # fmt: skip
    return Page("journal.html", "Journal", [Part(Section("runs", "Exécutions", [table]))], menu="Journal")


def _gaps(known: Known) -> Page:
    blocks = [
        Table.of(
            "unread", "Ce qui n’a pas pu être lu", known.unread.items(), lambda gap: gap[0],
            (Column("subject", "Sujet", 1), lambda gap: Cell(SUBJECTS[gap[0]])),
            (Column("why", "Pourquoi", 4), lambda gap: Cell(gap[1])),
            empty="Tout ce que ce poste garde a été lu.",
        ),
        Table.of(
            "never", "Sites jamais vérifiés", [name for name in in_service(known) if name not in known.verifications],
            str,
            (Column("site", "Site", 1), lambda name: Cell(known.town.sites[name]["name"], link=site_path(name))),
            (Column("todo", "À faire", 2), lambda name: Cell(f"piste verify {name}")),
            empty="Tous l’ont été.",
        ),
    ]  # fmt: skip
    gaps = Section("gaps", "Ce que le portail ne sait pas", blocks)
    return Page("lacunes.html", "Lacunes", [Part(gaps)], menu="Lacunes")


def _accessibility(known: Known) -> Page:
    subject = Commune(known.town, read_plan(), known.moment[:10])
    data = accessibility(subject)
    sections = accessibility_sections(data, subject)
    return Page(
        "accessibilite.html", "Accessibilité", [Part(section, "public") for section in sections], menu="Accessibilité",
        lead=headline(data).text,
    )  # fmt: skip
