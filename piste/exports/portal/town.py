"""The pages of the town as a whole: what one looks at first, then a page a subject."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from piste.exports.portal import journal
from piste.exports.portal.accounts import accounts
from piste.exports.portal.conformity import conformity
from piste.exports.portal.figure_cells import FigureCells
from piste.exports.portal.flows import network
from piste.exports.portal.home import home, home_for_all
from piste.exports.portal.judged import directory, tenant
from piste.exports.portal.known import Known
from piste.exports.portal.page import LEGAL, Page, Part
from piste.exports.portal.places import SUBJECTS, site_path
from piste.exports.portal.reports import reports
from piste.exports.portal.states import FINDINGS, finding_cell
from piste.exports.portal.unread import doubtful, never
from piste.papers.dossier import notation
from piste.papers.dossier.accessibility import (
    AccessibilityData,
    accessibility,
    accessibility_sections,
    appeal,
    headline,
)
from piste.papers.dossier.blocks import (
    TO_CONFIRM,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Table,
    Text,
    address,
    optional,
    required,
)
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune
from piste.sobriety.documents.figure_tables import figures_table, method_text
from piste.sobriety.documents.notes import Notes
from piste.sobriety.figure import Figure
from piste.sobriety.history import Reading
from piste.town.declared import serving
from piste.town.model.legal import LegalNotice
from piste.trials.restore.calendar import DUES, STATES
from piste.trials.restore.calendar import Row as Restore
from piste.trials.restore.document import METHOD_LABELS


def pages(known: Known) -> Iterator[Page]:
    """Yield the pages of the town, the first of all first."""
    yield home(known)
    yield home_for_all(known)
    if known.town.commune:
        yield from network(known)
    yield _backups(known)
    yield _certificates(known)
    yield accounts(known)
    yield directory(known)
    yield tenant(known)
    yield conformity(known)
    yield reports(known)
    yield sobriety(known)
    yield from journal.pages(known)
    yield _gaps(known)
    yield from _accessibility(known)
    yield _legal(known)


def _backups(known: Known) -> Page:
    worst_first = sorted(known.sets, key=lambda judged: ("wrong", "unknown", "ok").index(judged.state))
    sets = Table.of(
        "sets", "Ensembles protégés", worst_first, lambda judged: judged.item["name"],
        (Column("set", "Ensemble", 2), lambda judged: Cell(judged.item["name"])),
        (Column("family", "Famille", 1), lambda judged: Cell(judged.item["family_label"])),
        (Column("state", "État"), lambda judged: finding_cell(judged.state)),
        (Column("why", "Constat", 4), lambda judged: optional(" ; ".join(judged.faults))),
        empty=known.nothing("backups", "Aucun ensemble n’est déclaré."),
    )  # fmt: skip
    title = "Ce qui a été restauré pour essai"
    return Page(
        "sauvegardes.html",
        "Sauvegardes et restaurations",
        [
            Part(Section("sets", "Ce qui est protégé", [sets])),
            Part(Section("restores", title, [_restores(known, _method)]), "town", only=True),
            Part(Section("restores", title, [_restores(known, lambda row: row.test["label"])])),
        ],
        menu="Sauvegardes",
    )


def _restores(known: Known, label: Callable[[Restore], str]) -> Table:
    """List the tests of restores; the label that people gave may name a machine."""
    return Table.of(
        "restores", "Essais de restauration", known.restores, lambda row: row.test["name"],
        (Column("test", "Essai", 3), lambda row: Cell(label(row))),
        (Column("due", "Où il en est", 2), _proven),
        (Column("until", "Vaut jusqu’au"), lambda row: optional(notation.day(row.until) if row.until else None)),
        empty=known.nothing("restores", "Aucun essai n’est déclaré."),
    )  # fmt: skip


def _method(row: Restore) -> str:
    return METHOD_LABELS[row.test["method"]].capitalize()


def _proven(row: Restore) -> Cell:
    """Write where a test is, with the sign of its state."""
    said, mark = FINDINGS[STATES[row.due]]
    return Cell(f"{said[0]} {DUES[row.due]}", mark)


def _certificates(known: Known) -> Page:
    listed = sorted(known.certificates, key=lambda judged: (judged.days is None, judged.days or 0))
    table = Table.of(
        "certificates", "Certificats", listed,
        lambda judged: judged.certificate["name"],
        (Column("name", "Certificat", 2), lambda judged: Cell(judged.certificate["name"])),
        (Column("use", "Usage", 3), lambda judged: Cell(judged.certificate["use"])),
        (Column("state", "État"), lambda judged: finding_cell(judged.state)),
        (Column("seen", "Constat", 3), lambda judged: optional(judged.observed)),
        empty=known.nothing("certificates", "Aucun certificat n’est déclaré."),
    )  # fmt: skip
    return Page(
        "certificats.html",
        "Certificats",
        [Part(Section("all", "Échéances, la plus proche d’abord", [table]))],
        menu="Certificats",
    )


_SOBER = (
    "Ce que l’informatique de la Ville consomme et imprime, face aux cibles de son marché. "
    "Entre crochets : le plus bas et le plus haut possibles. Ce qui n’a pas été lu est inconnu."
)


def sobriety(known: Known) -> Page:
    """Make the page of the figures: for everybody, the fields that everybody may read."""
    reading = known.sobriety
    if reading is None:
        nothing = known.nothing("sobriety", "Aucun relevé n’est gardé.")
        parts = [Part(Section("figures", "Indicateurs", [Text(nothing)]), "public")]
    else:
        notes = Notes(known.town, reading.figures)
        day = Text(f"Relevé du {notation.day(reading.day)}.")
        whole = replace(figures_table("detail", "Ce que compte chaque indicateur", reading.figures, notes), folded=True)
        sources = replace(notes.table("notes", "Sources"), folded=True)
        parts = [
            Part(Section("figures", "Indicateurs", [day, *_measured(reading, FigureCells(known.town))]), "public"),
            Part(Section("detail", "Détail", [whole, sources])),
        ]
    return Page("sobriete.html", "Sobriété numérique", parts, menu="Sobriété", lead=_SOBER if reading else "")


def _measured(reading: Reading, cells: FigureCells) -> Iterator[Table]:
    """List the figures by the fields that everybody may read: value, nature, target, verdict."""
    free = [figure for figure in reading.figures if figure.target is None]
    columns = (
        (Column("figure", "Indicateur", 4), lambda figure: Cell(figure.title)),
        (Column("value", "Valeur", 2), cells.value),
        (Column("method", "Nature", 2), _nature),
    )
    yield Table.of(
        "aimed", "Face aux cibles", [figure for figure in reading.figures if figure.target],
        lambda figure: figure.id, *columns,
        (Column("target", "Cible", 2), cells.target),
        (Column("verdict", "Verdict", 2), cells.verdict),
        empty="Aucune cible n’est déclarée.",
    )  # fmt: skip
    yield Table.of(
        "free", "Mesures sans cible", [figure for figure in free if figure.value is not None],
        lambda figure: figure.id, *columns,
    )  # fmt: skip
    unknown = Table.of(
        "unknown", "Sans cible, et inconnu à ce jour", [figure for figure in free if figure.value is None],
        lambda figure: figure.id, *columns,
    )  # fmt: skip
    yield replace(unknown, folded=True)


def _nature(figure: Figure) -> Cell:
    """Say if a figure was measured, or estimated; a figure without a value is neither."""
    return Cell("—" if figure.value is None else method_text(figure))


def _gaps(known: Known) -> Page:
    unverified = "Sites jamais vérifiés, ou illisibles" if "verifications" in known.unread else "Sites jamais vérifiés"
    blocks = [
        Table.of(
            "unread", "Ce qui n’a pas pu être lu", known.unread.items(), lambda gap: gap[0],
            (Column("subject", "Sujet", 1), lambda gap: Cell(SUBJECTS[gap[0]])),
            (Column("why", "Pourquoi", 4), lambda gap: Cell(gap[1])),
            empty="Tout ce que ce poste garde a été lu.",
        ),
        Table.of(
            "unasked", "Ce qui n’a jamais été lu", never(known), lambda gap: gap.subject,
            (Column("subject", "Sujet", 1), lambda gap: Cell(gap.subject)),
            (Column("todo", "À faire", 1), lambda gap: Cell(gap.todo)),
            empty="Tout l’a été au moins une fois.",
        ),
        Table.of(
            "unsigned", "Documents d’avant, qui ne disent pas leur ville",
            [made for made in known.documents if made.unsigned], lambda made: f"{made.subject}/{made.kind}",
            (Column("document", "Document", 1), lambda made: Cell(f"{made.title} : {made.subject}")),
            (Column("todo", "À faire", 2), lambda made: Cell(f"piste dossier {made.subject}")),
            empty="Aucun.",
        ),
        Table.of(
            "doubtful", "Ce qui n’est pas cru : trop ancien, ou daté de l’avenir", doubtful(known),
            lambda gap: f"{gap.subject}/{gap.why}",
            (Column("subject", "Sujet", 1), lambda gap: Cell(gap.subject)),
            (Column("why", "Pourquoi", 3), lambda gap: Cell(gap.why)),
            (Column("todo", "À faire", 2), lambda gap: Cell(gap.todo)),
            empty="Rien de ce que ce poste garde n’est trop ancien, ni daté de l’avenir.",
        ),
        Table.of(
            "never", unverified, [name for name in serving(known.town) if name not in known.verifications],
            str,
            (Column("site", "Site", 1), lambda name: Cell(known.town.sites[name]["name"], link=site_path(name))),
            (Column("todo", "À faire", 2), lambda name: Cell(f"piste verify {name}")),
            empty="Tous l’ont été.",
        ),
    ]  # fmt: skip
    gaps = Section("gaps", "Ce que le portail ne sait pas", blocks)
    lead = "Ce que l’inventaire ne sait pas n’est pas ici : piste inventory gaps."
    return Page("lacunes.html", "Lacunes", [Part(gaps)], menu="Lacunes", lead=lead)


def _accessibility(known: Known) -> Iterator[Page]:
    """Yield the declaration.

    Of an unconfirmed one, the edition for all has the state in law and the ways of appeal.
    """
    subject = Commune(known.town, read_plan(), known.moment[:10])
    data = accessibility(subject)
    sections = [*accessibility_sections(data, subject)]
    declared, path, title = data["declared"], "accessibilite.html", "Accessibilité"
    doubted = declared and TO_CONFIRM in (declared.status, declared.audit and declared.audit.status)
    if not doubted:
        parts = [Part(section, "public") for section in sections]
        yield Page(path, title, parts, menu=title, lead=headline(data).text)
        return
    none: AccessibilityData = {"declared": None, "conformity": "none"}
    lead = headline(none).text
    why = Text(f"La déclaration de la {known.town.name} n’est pas encore confirmée.")
    waiting = Section("state", "État de conformité", [why])
    yield Page(path, title, [Part(each, "public", only=True) for each in (waiting, appeal())], menu=title, lead=lead)
    lead = f"{headline(data).text} Cette déclaration est à confirmer."
    yield Page(path, title, [Part(each, "town") for each in sections], menu=title, lead=lead)


def _legal(known: Known) -> Page:
    """Make the legal notice: who publishes and hosts the pages, and what they keep of readers."""
    notice = known.town.legal_notice or LegalNotice()
    who = [
        Fact("publisher", "Éditeur", Cell(known.town.name)),
        *(
            Fact(key, label, required(getattr(notice, key)), notice.status)
            for key, label in (
                ("address", "Adresse"), ("phone", "Téléphone"), ("director", "Direction de la publication"),
                ("host", "Hébergeur"), ("host_address", "Adresse de l’hébergeur"),
                ("host_phone", "Téléphone de l’hébergeur"),
            )
        ),
        Fact("data_protection", "Protection des données", address(notice.data_protection), notice.status),
    ]  # fmt: skip
    kept = Text(
        "Ces pages ne déposent aucun témoin (cookie), ne chargent rien d’ailleurs et n’envoient rien : ce qui s’y "
        "cherche reste dans le navigateur. Ce que note le serveur qui les porte est à l’hébergeur."
    )
    parts = [
        Part(Section("who", "Qui publie ces pages", [Facts("Mentions", who)]), "public"),
        Part(Section("readers", "Ce qui est gardé des lecteurs", [kept]), "public"),
    ]
    return Page(LEGAL, "Mentions légales", parts)
