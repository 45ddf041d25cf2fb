"""The consequences of a plan as they are shown, in the same words wherever a plan is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.errors import PisteError
from piste.engine.words import safe
from piste.sites import status
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences, of
from piste.sites.consequences.evidence import since
from piste.town import declared
from piste.town.town import refuse_faults

if TYPE_CHECKING:
    from piste.sites.living.kept import Part, Port
    from piste.sites.status import SiteState
    from piste.town.model.derived import Derived


_ADMISSION = frozenset({"access_policy", "access_policy_type", "mac_allow_list", "sticky_mac_allow_list"})
"""Fields of ports whose lines count what is plugged in."""


class Uncomputed(PisteError):
    """The consequences of a plan are unknown: it is shown, and review does not accept it."""

    code = "PISTE-E051"


class Shown(NamedTuple):
    """A title and lines, `(sign, text)`; where nothing is known, the only line says why."""

    title: str
    lines: Sequence[tuple[str, str]]
    made: Consequences | None = None


def title(*, drifted: bool) -> str:
    return f"Ce que {'ces écarts font' if drifted else 'cela fait'} aux personnes"


def computed(
    plan: Mapping[str, Any], *, drifted: bool = False, town: Derived | None = None,
    states: Sequence[SiteState] | None = None,
) -> tuple[Consequences, said.Since]:  # fmt: skip
    """Compute the consequences of a plan, and the day when an owner was last as declared.

    Raises Uncomputed where the computation fails: what a system answers may have any form.
    """
    town = town or refuse_faults(declared.derived(plan["environment"]))
    known = status.sites(town, plan["environment"]) if states is None else states
    try:
        return of(plan, town, drifted=drifted, seen=_ports(plan, town)), lambda owner: since(known, owner)
    except Exception as error:
        raise Uncomputed(
            "les conséquences de ce plan ne se calculent pas",
            why=f"Une valeur lue n’a pas la forme attendue ({type(error).__name__} : {error})",
            todo="Relisez chaque opération (piste plan show) ; sans ce calcul, piste check n’accepte pas le plan.",
        ) from error


def _ports(plan: Mapping[str, Any], town: Derived) -> Part[dict[str, dict[str, Port]]] | None:
    """Give the last reading of the ports, for a plan that removes a switch or changes access."""
    if not any(
        operation["kind"] == "access_policy"
        or (operation["kind"], operation["action"]) == ("device", "delete")
        or (operation["kind"] == "switch_port" and _ADMISSION & {*operation["fields"]})
        for operation in plan["operations"]
    ):
        return None
    # Imported here: the form of what is kept costs more than the rest, and most plans change no such thing.
    from piste.sites.living import kept

    believed, _ = kept.believed(kept.known(town, plan["environment"]))
    return believed.get("ports")


def shown(
    plan: Mapping[str, Any], *, drifted: bool = False, town: Derived | None = None,
    states: Sequence[SiteState] | None = None,
) -> Shown:  # fmt: skip
    """Give what a plan does to people, or what the drift that it repairs has done to them."""
    try:
        made, day = computed(plan, drifted=drifted, town=town, states=states)
    except PisteError as error:
        # A plan that is kept is shown, whatever became of the declaration.
        why = f"? Ce que cela fait aux personnes n’est pas connu : {safe(error.sentence())}"
        return Shown("", [("?", why)])
    return Shown(title(drifted=drifted), said.lines(made, plan, day, whole=False, drifted=drifted), made)
