"""CSV files from elsewhere: workstations, copier accounting, electricity meters, incidents.

All faults of all files are reported at once, by file and line. Data of a missing file are unknown, never zero. A row
of the laboratory is refused in other environments: its figures never enter a report of the town.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine import tables
from piste.engine.converge.errors import Fault, PisteError
from piste.engine.tables import Row
from piste.engine.words import agreed
from piste.sobriety.columns import Column, Value, line_of, schema_of
from piste.sobriety.printing import exports
from piste.sobriety.printing.exports import Exported
from piste.sobriety.printing.printed import Printed, contradictions
from piste.town.model import Town

LAB, LAB_SOURCE = "lab", "laboratoire"


class BadImport(PisteError):
    """Imported files have faults: all are listed, nothing was computed."""

    code = "PISTE-E090"
    kind = "refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        listing = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(
            f"{agreed(len(self.faults), 'erreur(s)')} dans les fichiers importés, rien n’a été calculé.",
            todo=f"Corrigez puis relancez :\n{listing}",
        )


@dataclass(frozen=True, slots=True)
class Pc:
    """A workstation and its effective settings, read on the day `read_on`; None: not read."""

    name: str
    site: str
    kind: str
    service: str
    status: str
    sleep_ac_seconds: int | None
    shutdown_outside_hours: bool | None
    read_on: str | None
    source: str
    model: str | None
    in_service_since: str | None


@dataclass(frozen=True, slots=True)
class Metered:
    """The energy of a class of equipment at a site, both the first and last days included."""

    equipment: str
    site: str
    start: str
    until: str
    kwh: float
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident of GLPI linked to a lever; `closed_on` is None while it is open."""

    ticket: str
    opened_on: str
    site: str
    lever: str
    closed_on: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Kind:
    """An imported table, `<name>.csv`: its columns, and the `key` that no two rows share."""

    name: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    check: Callable[[Mapping[str, Any]], Iterator[str]]

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


@dataclass(frozen=True, slots=True)
class Imports:
    """The imported rows; None if the file is missing, and `missing` says so by its kind."""

    pcs: Sequence[Pc] | None = None
    printing: Sequence[Printed] | None = None
    electricity: Sequence[Metered] | None = None
    incidents: Sequence[Incident] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    exported: Exported = field(default_factory=Exported)
    """What the exports of copiers say of printing, beside `printing.csv`."""

    def why(self, kind: str) -> str:
        """Give the reason why a kind is unknown; empty if it was imported."""
        return self.missing.get(kind, "")


_SITE = Column("site", "Site, par son nom dans la déclaration (ecole-jaures)")
_SOURCE = Column("source", "D’où vient la ligne ; « laboratoire » pour un exemple, refusé hors du laboratoire")

PC_KINDS = ("fixed", "laptop", "thin_client", "mac")
EQUIPMENT = ("pc", "thin_client", "printing", "network", "hosting", "room", "room_it")
"""Classes of meters: `room` is a whole technical room with its cooling, `room_it` its equipment."""


def _sound(row: Mapping[str, Any]) -> Iterator[str]:
    settings = (row["sleep_ac_seconds"], row["shutdown_outside_hours"])
    if any(value is not None for value in settings) and row["read_on"] is None:
        yield "des réglages sont donnés sans le jour où ils ont été relevés (read_on)"


def _period(row: Mapping[str, Any]) -> Iterator[str]:
    if row["until"] < row["from"]:
        yield f"la période finit le {row['until']}, avant de commencer le {row['from']}"
    if not row["count"]:
        yield "count vaut 0 : un compteur compte au moins un équipement"


def _closed(row: Mapping[str, Any]) -> Iterator[str]:
    if row["closed_on"] and row["closed_on"] < row["opened_on"]:
        yield f"l’incident se ferme le {row['closed_on']}, avant de s’ouvrir le {row['opened_on']}"


KINDS: tuple[Kind, ...] = (
    Kind(
        "pcs",
        "Postes de travail et réglages effectifs",
        (
            Column("name", "Nom du poste"),
            _SITE,
            Column("kind", "Type de poste", "choice", choices=PC_KINDS),
            Column("service", "Service qui l’utilise"),
            Column("status", "État dans la CMDB", "choice", choices=("in_service", "stock", "retired")),
            Column(
                "sleep_ac_seconds",
                "Délai effectif de mise en veille sur secteur ; 0, jamais ; vide, non relevé",
                "integer",
                unit="s",
                required=False,
            ),
            Column(
                "shutdown_outside_hours",
                "Arrêt automatique en dehors des heures effectivement en place ; vide, non relevé",
                "boolean",
                required=False,
            ),
            Column("read_on", "Jour où les réglages ont été relevés sur le poste", "day", required=False),
            _SOURCE,
            Column("model", "Modèle", required=False),
            Column("in_service_since", "Jour de mise en service", "day", required=False),
        ),
        ("name",),
        _sound,
    ),
    Kind(
        "printing",
        "Comptabilité des copieurs, par mois",
        (
            Column("month", "Mois", "month"),
            _SITE,
            Column("queue", "File d’impression, par son nom ; vide, toutes celles du service", required=False),
            Column("service", "Service ; vide, tous", required=False),
            Column("jobs", "Travaux", "integer", unit="travaux"),
            Column("duplex_jobs", "Travaux en recto verso", "integer", unit="travaux"),
            Column("mono_jobs", "Travaux en noir et blanc", "integer", unit="travaux"),
            Column("duplex_mono_jobs", "Travaux à la fois recto verso et noir et blanc", "integer", unit="travaux"),
            Column("pages_a4", "Pages A4 imprimées", "integer", unit="pages"),
            Column("pages_a3", "Pages A3 imprimées ; une page A3 compte pour deux pages A4", "integer", unit="pages"),
            Column("color_pages", "Pages en couleur, en pages A4", "integer", unit="pages"),
            _SOURCE,
        ),
        ("month", "site", "queue", "service"),
        contradictions,
    ),
    Kind(
        "electricity",
        "Relevés d’électricité",
        (
            Column("equipment", "Ce que le compteur alimente", "choice", choices=EQUIPMENT),
            _SITE,
            Column("from", "Premier jour, compris", "day"),
            Column("until", "Dernier jour, compris", "day"),
            Column("kwh", "Consommation mesurée", "number", unit="kWh"),
            Column("count", "Équipements que le compteur alimente", "integer"),
            _SOURCE,
        ),
        ("equipment", "site", "from"),
        _period,
    ),
    Kind(
        "incidents",
        "Incidents de GLPI liés à un levier",
        (
            Column("ticket", "Numéro du ticket"),
            Column("opened_on", "Jour d’ouverture", "day"),
            _SITE,
            Column("lever", "Levier, par son nom dans la déclaration"),
            Column("closed_on", "Jour de clôture ; vide, encore ouvert", "day", required=False),
            _SOURCE,
        ),
        ("ticket",),
        _closed,
    ),
)
_NAMES = {"from": "start"}
"""Columns whose name is a keyword of Python."""


def read_imports(folder: Path | None, environment: str, town: Town | None = None) -> Imports:
    """Read the files of a folder; None: the town has none.

    With the town, names of sites and levers are checked. Raises BadImport with every fault of every file.
    """
    faults: list[Fault] = []
    imported: dict[str, list[dict[str, Value]]] = {}
    missing: dict[str, str] = {}
    for kind in KINDS:
        path = folder / kind.file if folder else None
        if path is None or not path.is_file():
            missing[kind.name] = f"le fichier {kind.file} n’a pas été fourni"
            continue
        own: list[Fault] = []
        table = tables.read(path, tables.Form(kind.columns))
        own += [*table.located(kind.file), *_meaning(kind, table.rows, environment, town)]
        faults += sorted(own, key=line_of)
        imported[kind.name] = [
            {_NAMES.get(name, name): value for name, value in row.values.items()} for row in table.rows
        ]
    exported = exports.read(folder, town, faults) if town is not None else Exported()
    if faults:
        raise BadImport(faults)

    def of[T](kind: str, form: Callable[..., T]) -> list[T] | None:
        return [form(**row) for row in imported[kind]] if kind in imported else None

    return Imports(
        of("pcs", Pc), of("printing", Printed), of("electricity", Metered), of("incidents", Incident), missing, exported
    )


def _meaning(kind: Kind, rows: Sequence[Row], environment: str, town: Town | None) -> Iterator[Fault]:
    """List the faults of rows whose cells are right."""
    seen: dict[tuple[Value, ...], int] = {}
    parts: dict[tuple[Value, ...], tuple[bool, int]] = {}
    for row in rows:
        where = f"{kind.file}:{row.line}"
        key = tuple(row.values[name] for name in kind.key)
        if key in seen:
            message = f"mêmes {', '.join(kind.key)} qu’à la ligne {seen[key]} : gardez l’une des deux"
            yield Fault(where, message)
        seen.setdefault(key, row.line)
        yield from (Fault(where, message) for message in kind.check(row.values))
        if kind.name == "printing":
            yield from _counted_once(where, row, parts)
        if town is not None:
            yield from _names(where, "site", row, town.sites, "le site")
            yield from _names(where, "lever", row, town.sobriety.levers, "le levier")
        if str(row.values["source"]).strip().lower() == LAB_SOURCE and environment != LAB:
            message = (
                f"ligne du laboratoire dans l’environnement « {environment} » : retirez-la, un chiffre du laboratoire "
                "n’entre jamais dans un rapport de la Ville"
            )
            yield Fault(f"{where} source", message)


def _counted_once(where: str, row: Row, parts: dict[tuple[Value, ...], tuple[bool, int]]) -> Iterator[Fault]:
    """Refuse a month of a site given both whole and by queue or service: it would count twice."""
    place = (row.values["month"], row.values["site"])
    part = any(row.values[name] is not None for name in ("queue", "service"))
    first, line = parts.setdefault(place, (part, row.line))
    if part != first:
        message = f"{place[0]} est compté pour tout {place[1]} et pour une partie (ligne {line}) : gardez l’un des deux"
        yield Fault(where, message)


def _names(where: str, column: str, row: Row, known: Collection[str], what: str) -> Iterator[Fault]:
    name = row.values.get(column)
    if name is not None and name not in known:
        yield Fault(f"{where} {column}", f"{what} « {name} » n’est pas déclaré")


def schemas() -> dict[str, dict[str, Any]]:
    """Give the JSON Schema of each table, by the name of its file without its ending."""
    return {kind.name: schema_of(kind.title, kind.columns) for kind in KINDS}
