"""The progress of a run: a moving table of sites on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from piste.engine.converge.plan import SYMBOLS
from piste.engine.words import agreed
from piste.systems.kinds import TITLES

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from piste.runs.plans.play import Order, Played, Step, Watch

ROLES = {
    **TITLES,
    "acme": "certificats",
    "closing": "fermeture",
    "collector": "collecteur",
    "conclusion": "",
    "declaration": "déclaration",
    "undo": "retour en arrière",
}
"""The work of each role, in the town's words."""
COLOURS = {"…": "", "✓": "green", "!": "red"}


def watched(order: Order, *, check: bool, **more: Any) -> Played:
    """Run the order and show its progress on the standard error."""
    from piste.runs.plans import play

    with _shown() as watch:
        return play.play(order, check=check, watch=watch, **more)


def applied(order: Order, judge: Callable[[Played], None], **more: Any) -> Played:
    """Verify the order, have `judge` accept or raise, apply it; show the progress of both."""
    from piste.runs.plans import play

    with ExitStack() as shown:

        def judged(verification: Played) -> Watch:
            shown.close()  # what the judge says is below the table
            judge(verification)
            return shown.enter_context(_shown())

        return play.play(order, check=False, watch=shown.enter_context(_shown()), judge=judged, **more)


@contextmanager
def _shown() -> Iterator[Watch]:
    if not sys.stderr.isatty():
        yield plain_lines()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(stderr=True, highlight=False)  # honours NO_COLOR; the signs suffice without colour
    if console.is_dumb_terminal:
        yield plain_lines()
        return
    board = Board()
    # Cleared at the end of the run: the plan or the outcome remains.
    with Live(
        console=console, transient=True, refresh_per_second=2, get_renderable=lambda: board.shown(console.height - 1)
    ):
        yield board.note


def plain_lines() -> Watch:
    """Write a line for each site, when it begins."""
    seen: set[str] = set()

    def watch(step: Step) -> None:
        if step.host not in seen:
            click.echo(f"{step.host}…", err=True)
        seen.add(step.host)

    return watch


@dataclass
class _Row:
    domain: str = ""
    task: str = ""
    sign: str = "…"
    done: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


class Board:
    """The state of each site during a run."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rows: dict[str, _Row] = {}
        self.clock, self.began = clock, clock()

    def note(self, step: Step) -> None:
        row = self.rows.setdefault(step.host, _Row())
        if step.over:
            if row.sign != "!":
                row.done |= {row.domain}
                row.sign, row.domain, row.task = "✓", "", ""
            return
        if row.sign == "✓":  # another play has come to it
            row.sign = "…"
        if step.kind:
            row.task = step.kind
            return
        row.counts.update(SYMBOLS[action] for action in step.actions)
        domain = ROLES.get(step.role, step.role)
        row.done |= {row.domain} if row.domain != domain else set()
        row.domain = domain
        row.task = step.task.rpartition(" : ")[2]
        if step.failed:
            row.sign = "!"

    def headline(self) -> str:
        """Write the elapsed time, and the share of sites done by domain: `12 s  réseau 5/26`."""
        minutes, seconds = divmod(int(self.clock() - self.began), 60)
        rows = list(self.rows.values())  # the thread that draws must not see them grow
        begun = dict.fromkeys(name for row in rows for name in (*sorted(row.done), row.domain) if name)
        shares = [f"{name} {sum(name in row.done for row in rows)}/{len(rows)}" for name in begun]
        return "  ".join([f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s", *shares])

    def shown(self, room: int) -> Group:
        from rich.console import Group
        from rich.text import Text

        head = Text(self.headline(), no_wrap=True, overflow="ellipsis")
        return Group(head, self.table(room - 1))

    def lines(self, room: int) -> list[tuple[str, str, str, str, str]]:
        """List `(sign, site, domain, task, counts)` for each site.

        Without room for all, the sites that ended well are only counted.
        """
        rows = sorted(self.rows.items())
        ended = {site for site, row in rows if row.sign == "✓"} if len(rows) > room else set()
        shown = [
            (row.sign, site, row.domain, row.task, " ".join(f"{sign} {row.counts[sign]}" for sign in "+~-"))
            for site, row in rows
            if site not in ended
        ]
        return ([("✓", f"{agreed(len(ended), 'site(s)')}", "", "", "")] if ended else []) + shown

    def table(self, room: int) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2), expand=True)
        for column in range(5):
            # A narrow terminal shortens the name of the task.
            table.add_column(no_wrap=True, overflow="ellipsis", ratio=1 if column == 3 else None)
        for sign, *texts in self.lines(room):
            table.add_row(Text(sign, style=COLOURS[sign]), *(Text(text) for text in texts))
        return table
