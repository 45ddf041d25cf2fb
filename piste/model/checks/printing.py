"""Printing: queues that are their site's, departures from the town's defaults that are justified and end."""

from __future__ import annotations

import re
from collections import Counter

from ..derive_printing import departs, queue_prefix
from .view import View


def queues(view: View) -> None:
    """M140: the name of a queue begins with that of its site. A site whose code is in doubt is told that alone."""
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


def departures(view: View) -> None:
    """M141, M142: a queue that does not follow the town's defaults says why and until when, and is not over."""
    for declared, site in view.pairs():
        printing = declared.variables.printing
        if printing is None or site["printing"] is None:
            continue
        over = {queue["name"] for queue in site["printing"]["queues"] if queue["expired"]}
        for name, queue in declared.variables.print_queues.items():
            path, mark = f"sites[{declared.id}].print_queues[{name}]", declared.where(("print_queues", name))
            if departs(queue, printing) and not (queue.why and queue.until):
                missing = " ni ".join(key for key in ("why", "until") if not getattr(queue, key))
                message = f"{declared.id} : la file {name} s'écarte de la règle sans {missing}"
                view.faults.add("PISTE-M141", path, mark, message)
            elif name in over:
                message = f"{declared.id} : la file {name} suit de nouveau la règle depuis la fin du {queue.until}"
                view.faults.add("PISTE-M142", path, mark, message)
