"""The last saved plans on the portal: author, counts, fate, and what they do to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.exports.portal.known import Known
from piste.exports.portal.places import JOURNAL
from piste.exports.portal.states import limit_text, moment, operations_text
from piste.papers.dossier.blocks import Cell, Column, Mark, Table, optional
from piste.runs.plans.listed import Listed, State
from piste.runs.plans.show import counts
from piste.runs.records.readable import OUTCOMES

_STATES: Mapping[State, tuple[str, Mark | None]] = {
    "to_apply": ("○ à appliquer", None),
    "nothing": ("– rien à changer", None),
    "incomplete": ("! incomplet, à refaire", "bad"),
    "begun": ("! commencé, sans fin au journal", "bad"),
    "stale": ("× périmé, à refaire", None),
    "unreadable": ("? ne se lit pas", "doubt"),
}


def table(known: Known, site: str = "") -> Table:
    """List the last plans, or those that change a site, with its own operations."""
    mine = [plan for plan in known.plans if not site or _of(plan, site)]
    return Table.of(
        "plans", "Les derniers enregistrés, d’abord le plus récent", mine, lambda plan: plan.id,
        (Column("created", "Fait le", 2), lambda plan: optional(moment(plan.plan["created"]) if plan.plan else None)),
        (Column("user", "Par", 1), lambda plan: optional(plan.user)),
        (Column("counts", "Opérations ici" if site else "Opérations", 1), lambda plan: optional(_of(plan, site))),
        (Column("limit", "Sites", 2), lambda plan: optional(plan.plan and limit_text(known, plan.plan.get("limit")))),
        (Column("state", "État", 3), _state),
        (Column("id", "Numéro", 2, code=True), lambda plan: Cell(plan.id, link=f"{JOURNAL}#plans" if site else None)),
        empty=known.nothing("plans", "Aucun, parmi les derniers plans de ce poste."),
    )  # fmt: skip


def consequences(known: Known) -> Iterator[Table]:
    """Yield what each plan does to people, or what a drift has done, in the words of the verbs."""
    for plan in known.plans:
        if shown := known.consequences.get(plan.id):
            column = Column("consequence", shown.title or "Conséquences", 1), lambda line: _line(*line)
            yield Table.of(f"plan-{plan.id}", f"Plan {plan.id}", shown.lines, lambda line: line[1].strip(), column)


def _line(sign: str, text: str) -> Cell:
    marks: Mapping[str, Mark] = {"!": "bad", "?": "doubt"}
    return Cell(text.strip(), marks.get(sign))


def _of(plan: Listed, site: str) -> str:
    """Count the operations of a plan, on a site where one is given; empty for none."""
    mine = [operation for operation in plan.plan.get("operations", ()) if not site or operation["owner"] == site]
    return operations_text(counts(mine))


def _state(plan: Listed) -> Cell:
    if plan.state != "applied" or plan.run is None:
        return Cell(*_STATES[plan.state])
    outcome = plan.run["outcome"]
    said = f"appliqué le {moment(plan.run['ended'])} : {OUTCOMES[outcome]}"
    return Cell(f"✓ {said}", "good") if outcome in ("ok", "changes") else Cell(f"✗ {said}", "bad")
