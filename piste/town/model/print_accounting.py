"""The accounting of printing: exports of copiers, quotas, release by authentication.

Columns of an export depend on the product, its version, its language and the view that somebody chose, so they are
data. CCTP 4.4.2 (volumes by site and service, release) and 4.4.4 (quotas by service).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from pydantic import Field

from .forms import Marked, Percent
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .view import View

Text = Annotated[str, Field(min_length=1, max_length=120)]
ExportName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
Meaning = Literal[
    "serial", "queue", "service", "moment", "jobs", "duplex_jobs", "mono_jobs", "duplex_mono_jobs", "pages",
    "pages_a4", "pages_a3", "color_pages", "released_jobs", "expired_jobs", "expired_pages",
]  # fmt: skip
"""Meaning of a column. `pages` are A4 pages where an A3 page counts for two already."""
Moment = Literal["%Y-%m-%d", "%Y-%m", "%d/%m/%Y", "%d.%m.%Y", "%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S",
                 "%Y-%m-%d %H:%M:%S", "%m/%d/%Y"]  # fmt: skip
PRESETS: Mapping[str, Mapping[str, list[str]]] = {
    # MyQ Print Server 8.2 to 10.2, "Report values description" and "Reporting sources": clicks, 2 for an A3 page.
    "myq": {"pages": ["Total pages"], "color_pages": ["Color pages"]},
    "myq-prints": {"pages": ["Total prints"], "color_pages": ["Color prints"]},
}
"""Columns that vendors document; `myq` counts prints, copies and faxes, `myq-prints` prints alone."""
ONE_COLUMN: tuple[Meaning, ...] = ("serial", "queue", "service", "moment")
TABLE, LOG = "printing", "windows"
"""Sources that no export may be named after: the town's own table, and the log of the print server."""


class PrintExport(Marked):
    """The files of an export, among the imported tables.

    `*` in `files` is a day or a month.
    `counters` only grow: a month is the difference of two readings. `periods` are the pages of a month. Without a
    column for it, the moment is the end of the file's name: `kyocera-2026-11-01.csv`, `myq-2026-10.csv`.
    """

    label: Text
    files: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*\*?[a-z0-9._-]*\.csv$")]
    counts: Literal["counters", "periods"]
    preset: Literal["myq", "myq-prints"] | None = None
    columns: dict[Meaning, list[Text]] = Field(default_factory=dict)
    moment: Moment = "%Y-%m-%d"
    services: dict[Text, Text] = Field(default_factory=dict)

    @property
    def read(self) -> dict[str, list[str]]:
        """The columns to read, by meaning; several are added up."""
        columns = dict(PRESETS.get(self.preset or "", {}))
        columns.update({str(meaning): headers for meaning, headers in self.columns.items()})
        return columns


class PrintQuota(Marked):
    """Pages of a service in a period; a projection of `alert_percent` of it is said beforehand."""

    pages: Annotated[int, Field(ge=1, le=100_000_000)]
    every: Literal["month", "year"] = "month"
    alert_percent: Percent = 80


class PrintRelease(Marked):
    """The queues whose jobs come out of a copier only once somebody signs in there."""

    by: Literal["myq"]
    queues: list[Text] = Field(min_length=1)


class PrintAccounting(Marked):
    """The sources of the accounting; the first that knows a month of a site counts it alone.

    `idle_days`: a queue without a job for that long is idle. `keep_months`: age of the oldest month that is kept.
    """

    exports: dict[ExportName, PrintExport] = Field(default_factory=dict)
    priority: list[Text] = Field(default_factory=list)
    idle_days: Annotated[int, Field(ge=7, le=730)] = 90
    keep_months: Annotated[int, Field(ge=13, le=120)] = 37


class TownPrinting(TypedDict):
    """The accounting of the town, as declared; exports with the columns of their preset.

    `priority` names every source once.
    """

    server: str
    exports: dict[str, dict[str, Any]]
    priority: list[str]
    idle_days: int
    keep_months: int
    quotas: dict[str, dict[str, Any]]
    release: dict[str, Any] | None


def derive_print_accounting(declaration: Declaration) -> TownPrinting | None:
    """Derive the accounting of the town; None where it has no print server."""
    printing = declaration.town.variables.printing
    if printing is None:
        return None
    declared = printing.accounting or PrintAccounting()
    every = (TABLE, *declared.exports, LOG)
    return TownPrinting(
        server=printing.server,
        exports={name: {**export.model_dump(), "columns": export.read} for name, export in declared.exports.items()},
        priority=list(dict.fromkeys([*(name for name in declared.priority if name in every), *every])),
        idle_days=declared.idle_days,
        keep_months=declared.keep_months,
        quotas={service: quota.model_dump() for service, quota in printing.quotas.items()},
        release=printing.release.model_dump() if printing.release else None,
    )


def check_print_accounting(view: View) -> None:
    """M365 to M369: known services, sources and queues; exports that are read once."""
    town = view.declared.town
    printing = town.variables.printing
    if printing is None:
        return
    printers = [asset for asset in view.assets.all if asset["kind"] == "printer"]
    services = {str(asset["assigned_to"]) for asset in printers if asset["assigned_to"]}
    # Of a town read in part, the services and queues of the sites left out are unknown.
    for service in printing.quotas if services and view.declared.complete else ():
        if service not in services:
            path, mark = f"printing.quotas[{service}]", town.where(("printing", "quotas", service))
            message = f"« {service} » n’a aucune imprimante"
            view.faults.add("PISTE-M365", path, mark, message, closest(service, services))
    declared = printing.accounting or PrintAccounting()
    _check_exports(view, declared)
    known = (TABLE, *declared.exports, LOG)
    for name in [name for name in declared.priority if name not in known]:
        mark = town.where(("printing", "accounting", "priority"))
        view.faults.add("PISTE-M367", "printing.accounting.priority", mark, f"« {name} » n’est pas une source")
    queues = {name for site in view.declared.sites for name in site.variables.print_queues}
    for name in printing.release.queues if printing.release and view.declared.complete else ():
        if name not in queues:
            mark = town.where(("printing", "release", "queues"))
            message = f"la file « {name} » n’est déclarée par aucun site"
            view.faults.add("PISTE-M368", f"printing.release[{name}]", mark, message, closest(name, queues))


def _check_exports(view: View, declared: PrintAccounting) -> None:
    seen: dict[str, str] = {}
    for name, export in declared.exports.items():
        path = f"printing.accounting.exports[{name}]"
        mark = view.declared.town.where(("printing", "accounting", "exports", name))
        for message in _unreadable(name, export):
            view.faults.add("PISTE-M366", path, mark, f"{name} : {message}")
        if (other := seen.setdefault(export.files, name)) != name:
            message = f"{name} lit les mêmes fichiers que {other} ({export.files})"
            view.faults.add("PISTE-M369", path, mark, message)


def _unreadable(name: str, export: PrintExport) -> Iterator[str]:
    """Yield what an export lacks to be read."""
    read = export.read
    if name in (TABLE, LOG):
        yield "c’est le nom d’une autre source"
    if not {"serial", "queue"} & read.keys():
        yield "aucune colonne ne dit l’appareil (serial) ni la file (queue)"
    if not {"pages", "pages_a4"} & read.keys():
        yield "aucune colonne ne dit les pages (pages, ou pages_a4 et pages_a3)"
    if "pages" in read and {"pages_a4", "pages_a3"} & read.keys():
        yield "pages compte déjà une A3 pour deux, et va sans pages_a4 ni pages_a3"
    if several := [meaning for meaning in ONE_COLUMN if len(read.get(meaning, ("",))) != 1]:
        yield f"{', '.join(several)} vient d’une seule colonne"
    if "moment" not in read and "*" not in export.files:
        yield "rien ne dit la date : ni une colonne (moment), ni la fin du nom des fichiers (*)"
    if export.counts == "counters" and "service" in read:
        yield "un compteur est celui d’un appareil, pas d’un service"
