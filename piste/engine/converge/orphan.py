"""An orphan: what is live and nobody declares, as a run names it."""

Orphan = dict[str, str]
"""`{kind, key, why}`; `said` is there where it is something else than an orphan that no run mends, `gravity` where it
opens a way to everybody, or gives every power."""
OPENS = "opens"
"""The gravity of such an orphan."""
WHY = "personne ne le déclare"
"""The reason why an object is an orphan."""
ORPHAN, DEPARTURE = "orphelin", "écart"
"""The words of a run for an orphan, and for a difference on a system that Piste only reads."""


def abandoned(kind: str, key: str, todo: str) -> Orphan:
    """Make the orphan that each plan names: a declaration that drops it leaves it in service."""
    return {"kind": kind, "key": key, "why": f"{WHY} : reste en service, configuré par personne ; {todo}"}
