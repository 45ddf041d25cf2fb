"""Printing: the defaults of the town, the queues of each site, and their departures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from pydantic import Field

from .forms import Date, Form, Marked
from .print_accounting import PrintAccounting, PrintQuota, PrintRelease
from .sobriety.levers import at_site

if TYPE_CHECKING:
    from .declaration import DeclaredSite
    from .view import View

Sides = Literal["one_sided", "long_edge", "short_edge"]
"""One side, or both, turned along their long or their short edge."""


class PrintDefaults(Form):
    duplexing: Sides
    color: bool


class Printing(Marked):
    """The print server, the prefix of the names of queues, and the defaults of the town."""

    server: str
    prefix: Annotated[str, Field(pattern=r"[a-z]{2,8}")]
    defaults: PrintDefaults
    accounting: PrintAccounting | None = None
    quotas: dict[Annotated[str, Field(min_length=1, max_length=120)], PrintQuota] = Field(default_factory=dict)
    release: PrintRelease | None = None


class PrintQueue(Marked):
    """A queue of the print server; a missing setting is not managed, except the town's defaults.

    `duplexing` and `color` are a departure from the defaults; `why` gives its reason, `until` its last day.
    """

    location: str | None = None
    comment: str | None = None
    shared: bool | None = None
    share_name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    duplexing: Sides | None = None
    color: bool | None = None
    why: Annotated[str, Field(min_length=1)] | None = None
    until: Date | None = None


class PrintQueueHere(TypedDict):
    """A queue: `settings` are its desired settings.

    `why` and `until` are those of its departure from the town's defaults; `expired`: the departure is over.
    """

    name: str
    settings: dict[str, Any]
    why: str | None
    until: str | None
    expired: bool
    status: str | None


class SitePrinting(TypedDict):
    """The queues of a site; `prefix` begins their names on the print server."""

    server: str
    prefix: str
    queues: list[PrintQueueHere]


DEPARTURES = ("duplexing", "color")
_AS_DECLARED = ("location", "comment", "shared", "share_name")


def derive_site_printing(declared: DeclaredSite, today: date) -> SitePrinting | None:
    """Derive the queues of a site: the town's defaults, with the departures still in force.

    None where the town has no print server.
    """
    printing = declared.variables.printing
    if printing is None:
        return None
    return SitePrinting(
        server=printing.server, prefix=queue_prefix(declared, printing), queues=list(_queues(declared, printing, today))
    )


def queue_prefix(declared: DeclaredSite, printing: Printing) -> str:
    """Give the prefix of the names of a site's queues: `imp-jau-`."""
    return f"{printing.prefix}-{declared.variables.site.plan.code or declared.id}-"


def departs(queue: PrintQueue, printing: Printing) -> bool:
    """Tell whether a queue departs from the town's defaults."""
    return any(getattr(queue, name) not in (None, getattr(printing.defaults, name)) for name in DEPARTURES)


def _queues(declared: DeclaredSite, printing: Printing, today: date) -> Iterator[PrintQueueHere]:
    ruled = at_site(declared.variables, declared.id, "print_defaults", today.isoformat()).state != "off"
    for name, queue in declared.variables.print_queues.items():
        expired = queue.until is not None and date.fromisoformat(queue.until) < today
        settings = printing.defaults.model_dump() if ruled else {}
        if ruled and not expired:
            settings |= {key: value for key in DEPARTURES if (value := getattr(queue, key)) is not None}
        settings |= {key: value for key in _AS_DECLARED if (value := getattr(queue, key)) is not None}
        spared = departs(queue, printing)
        yield PrintQueueHere(
            name=name,
            settings=settings,
            why=queue.why if spared else None,
            until=queue.until if spared else None,
            expired=spared and expired,
            status=queue.status,
        )


def check_queues(view: View) -> None:
    """M140: the name of a queue begins with that of its site.

    A site whose code is in doubt has only that fault.
    """
    codes = Counter(declared.variables.site.plan.code for declared in view.declared.sites)
    for declared in view.declared.sites:
        printing, code = declared.variables.printing, declared.variables.site.plan.code
        if printing is None or code is None or codes[code] > 1:
            continue
        begins = queue_prefix(declared, printing)
        for name in declared.variables.print_queues:
            if not re.fullmatch(re.escape(begins) + r"[a-z0-9-]+", name):
                mark = declared.where(("print_queues", name))
                message = f"{declared.id} : la file « {name} » ne se nomme pas {begins}…"
                view.faults.add("PISTE-M140", f"sites[{declared.id}].print_queues[{name}]", mark, message)


def check_departures(view: View) -> None:
    """M141, M142: a departure from the town's defaults has a reason and a day, and is not over."""
    for declared, site in view.pairs():
        printing = declared.variables.printing
        if printing is None or site["printing"] is None:
            continue
        over = {queue["name"] for queue in site["printing"]["queues"] if queue["expired"]}
        for name, queue in declared.variables.print_queues.items():
            path, mark = f"sites[{declared.id}].print_queues[{name}]", declared.where(("print_queues", name))
            if departs(queue, printing) and not (queue.why and queue.until):
                missing = " ni ".join(key for key in ("why", "until") if not getattr(queue, key))
                message = f"{declared.id} : la file {name} s’écarte de la règle sans {missing}"
                view.faults.add("PISTE-M141", path, mark, message)
            elif name in over:
                message = f"{declared.id} : la file {name} suit de nouveau la règle depuis la fin du {queue.until}"
                view.faults.add("PISTE-M142", path, mark, message)
