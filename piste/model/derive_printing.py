"""From the declaration to what each print queue of a site does: the town's defaults, unless it is spared them still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .declaration import DeclaredSite
from .levers import at_site
from .schema_printing import Printing, PrintQueue
from .site import PrintQueueHere, SitePrinting

DEPARTURES = ("duplexing", "color")
_AS_DECLARED = ("location", "comment", "shared", "share_name")


def derive_site_printing(declared: DeclaredSite, today: date) -> SitePrinting | None:
    """Derive the queues of a site; None where the town has no print server."""
    printing = declared.variables.printing
    if printing is None:
        return None
    return SitePrinting(
        server=printing.server, prefix=queue_prefix(declared, printing), queues=list(_queues(declared, printing, today))
    )


def queue_prefix(declared: DeclaredSite, printing: Printing) -> str:
    """What the names of a site's queues begin with: `imp-jau-`."""
    return f"{printing.prefix}-{declared.variables.site.plan.code or declared.id}-"


def departs(queue: PrintQueue, printing: Printing) -> bool:
    """Tell whether a queue is declared otherwise than the town's defaults."""
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
