"""The lists that an engineer acts on, from the measures of computers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.engine.words import some
from piste.readings.computers import life
from piste.readings.computers.causes import causes, main_cause, programs
from piste.readings.computers.judge import Computer
from piste.readings.computers.use import uses
from piste.sobriety.breakdown import Heading, Listing
from piste.sobriety.computer_energy import windows
from piste.sobriety.counting import Known

ORIGINS = {
    "setting": "réglage", "unseen": "éveillé sans cause vue", "request": "demande de rester éveillé",
    "wake": "a réveillé", "armed": "peut réveiller",
}  # fmt: skip
SOURCES = {
    "sleep": "veille", "system": "système", "display": "écran", "away": "absence", "execution": "exécution",
    "network": "réseau", "other": "autre", "timer": "minuterie", "device": "périphérique", "button": "bouton",
    "unknown": "source inconnue", "task": "tâche",
}  # fmt: skip
"""The kinds of causes, as people read them."""
KINDS = {"fixed": "poste fixe", "laptop": "portable", "thin_client": "client léger", "mac": "Mac"}
PLACES = {"run": "registre", "folder": "dossier Démarrage", "task": "tâche", "service": "service"}
SCOPES = {"machine": "poste", "user": "session"}
SITES = 6
"""Sites that a cell names; the others are counted."""


def computer_lists(known: Known) -> Iterator[Listing]:
    measured = known.readings.computers
    if measured is None:
        return
    rows = measured.in_service
    yield _causes(rows)
    yield _defied(rows)
    yield _silent(rows)
    yield _refused(measured.refused)
    yield _programs(rows)
    yield _uses(rows, known)
    yield _windows(known)
    yield _models(measured.computers, known)
    yield _futures(measured.computers, known)


def _causes(rows: list[Computer]) -> Listing:
    return Listing(
        "awake", "Ce qui tient les postes éveillés",
        (
            Heading("cause", "Cause"), Heading("origin", "Ce qu’elle fait"), Heading("computers", "Postes"),
            Heading("times", "Fois"), Heading("hours", "Heures allumées hors des heures, par semaine", "h"),
            Heading("sites", "Sites"),
        ),
        [
            (cause.owner, ORIGINS[cause.origin], len(cause.computers), cause.times, _rounded(cause.hours),
             some(cause.sites, SITES))
            for cause in causes(rows)
        ],
        "F1.awake",
        "Désactivez la cause, ou son droit de réveiller ; une heure peut avoir plusieurs causes. Cause non vue : "
        "lisez-la sur le poste, en administrateur (powercfg /requests).",
    )  # fmt: skip


def _defied(rows: list[Computer]) -> Listing:
    awake = [row for row in rows if row.defied or row.slept is False]
    awake.sort(key=lambda row: (-(row.awake_hours or 0), row.name))
    return Listing(
        "awake_computers", "Postes éveillés hors des heures",
        (
            Heading("computer", "Poste"), Heading("site", "Site"), Heading("kind", "Type"), Heading("model", "Modèle"),
            Heading("set", "Réglé"), Heading("hours", "Heures allumées hors des heures, par semaine", "h"),
            Heading("cause", "Première cause vue"),
        ),
        [
            (row.name, row.site, KINDS[row.kind], row.model or None, _setting(row), _rounded(row.awake_hours),
             main_cause(row) or None)
            for row in awake
        ],
        "F1.slept",
        "Réglé mais éveillé : cherchez la cause. Non réglé : la stratégie n’arrive pas au poste.",
    )  # fmt: skip


def _setting(row: Computer) -> str:
    if row.defied:
        return "réglé mais éveillé"
    return "non réglé" if False in (row.sleeps, row.stops) else "réglage inconnu"


def _silent(rows: list[Computer]) -> Listing:
    silent = sorted(
        (row for row in rows if row.report is None), key=lambda row: (str(row.silent_since or ""), row.site, row.name)
    )
    return Listing(
        "silent", "Postes en service qui ne disent rien",
        (
            Heading("computer", "Poste"), Heading("site", "Site"), Heading("kind", "Type"),
            Heading("since", "Muet depuis"),
        ),
        [
            (row.name, row.site, KINDS[row.kind], row.silent_since.isoformat() if row.silent_since else "toujours")
            for row in silent
        ],
        "F1",
        "Muet depuis toujours : la mesure n’y est pas. Muet depuis un jour : retrouvez le poste, ou sortez-le.",
    )  # fmt: skip


def _refused(refused: Sequence[tuple[str, str]]) -> Listing:
    return Listing(
        "refused", "Fichiers de mesure refusés", (Heading("file", "Fichier"), Heading("why", "Raison")),
        list(refused), "F1",
        "Un fichier refusé ne cache pas le dernier bon : piste computers show POSTE.",
    )  # fmt: skip


def _programs(rows: list[Computer]) -> Listing:
    read = sum(row.report is not None and row.report.startup is not None for row in rows)
    return Listing(
        "autostart", "Programmes qui démarrent seuls",
        (
            Heading("program", "Programme"), Heading("place", "Où"), Heading("scope", "Pour"),
            Heading("enabled", "Postes où il est actif"), Heading("computers", "Postes où il est"),
            Heading("share", "Part des postes lus", "%"),
        ),
        [
            (program.name, ", ".join(PLACES[place] for place in program.places),
             ", ".join(SCOPES[scope] for scope in program.scopes), program.enabled, len(program.computers),
             round(100 * program.enabled / read) if read else None)
            for program in programs(rows)
        ],
        todo="Retirez du démarrage ce que personne n’attend à l’ouverture : le levier du démarrage (docs/sobriete.md).",
    )  # fmt: skip


def _uses(rows: list[Computer], known: Known) -> Listing:
    return Listing(
        "use", "Usage réel et heures déclarées",
        (
            Heading("site", "Site"), Heading("computers", "Postes comptés"),
            Heading("hours", "Sessions ouvertes, par semaine", "h"), Heading("outside", "Hors des heures", "h"),
            Heading("open", "Heures déclarées, par semaine", "h"),
            Heading("empty", "Heures ouvertes sans session", "h"),
            Heading("busiest", "Heure fermée la plus occupée"),
        ),
        [
            (use.site, use.computers, _rounded(use.hours), _rounded(use.outside), use.open,
             None if use.empty is None else len(use.empty), use.busiest or None)
            for use in uses(rows, known.town.sites)
        ],
        todo="Rapprochez les heures déclarées (opening_hours) de l’usage : les leviers d’horaires les suivent.",
    )  # fmt: skip


def _windows(known: Known) -> Listing:
    methods = {"measured": "compteur", "estimated": "états mesurés × puissances déclarées"}
    return Listing(
        "windows", "Consommation d’un poste, par période",
        (
            Heading("first", "Du"), Heading("last", "Au"), Heading("site", "Site"), Heading("method", "Méthode"),
            Heading("computers", "Postes"), Heading("kwh", "Par poste, sur trente jours", "kWh"),
            Heading("low", "Au moins", "kWh"), Heading("high", "Au plus", "kWh"),
        ),
        [
            (window.first, window.last, window.site, methods[window.method], window.computers,
             round(window.kwh.value, 2), round(window.kwh.low, 2), round(window.kwh.high, 2))
            for window in windows(known)
        ],
        "F2",
    )  # fmt: skip


def _models(computers: Sequence[Computer], known: Known) -> Listing:
    return Listing(
        "models", "Âge et fin de vie, par modèle",
        (
            Heading("model", "Modèle"), Heading("computers", "Postes"), Heading("years", "Âge médian, au moins", "ans"),
            Heading("battery", "Capacité médiane des batteries", "%"), Heading("warranty", "Garantie échue"),
            Heading("end", "Fin de vie passée"), *(Heading(key, label) for key, label in life.VERDICTS.items()),
        ),
        [
            (model.model or "modèle inconnu", model.computers, _rounded(model.years),
             None if model.battery is None else round(100 * model.battery), model.out_of_warranty, model.past_end,
             *model.verdicts.values())
            for model in life.models(computers, known.town, known.today)
        ],
        "F22.reuse",
    )  # fmt: skip


def _futures(computers: Sequence[Computer], known: Known) -> Listing:
    return Listing(
        "futures", "Postes à réemployer, à prolonger, à recycler",
        (
            Heading("computer", "Poste"), Heading("site", "Site"), Heading("model", "Modèle"),
            Heading("verdict", "Proposition"), Heading("why", "Raison"), Heading("years", "Âge, au moins", "ans"),
        ),
        [
            (future.computer.name, future.computer.site, future.computer.model or None, life.VERDICTS[future.verdict],
             future.why, _rounded(future.years))
            for future in life.futures(computers, known.town, known.today)
        ],
        "F22.reuse",
        "Une proposition se décide avec le service, puis s’inscrit : piste asset reuse, piste asset exit.",
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
