"""The options that every domain has, around those of its system and of its kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from piste.engine.converge.resource import UNSET, Field
from piste.engine.kind import Kind

STATES = ("declared", "merged", "gathered", "deleted", "undeclared")


def options_of(kinds: Sequence[Kind], steps: Sequence[str], rehearses: bool) -> tuple[Field, ...]:
    """List the options of a domain of these kinds."""
    names = [kind.name for kind in kinds]
    listed = ", ".join(f"C({name})" for name in names)
    return (
        Field(
            "site",
            "Owner whose derived declaration is converged, a site or C(commune); M(piste_site) comes before.",
        ),
        Field(
            "state",
            "C(declared) brings the owner to what the declaration derives; C(merged) does what C(config), C(absent) or "
            "C(undo) say, and nothing else; C(gathered) reads, whole, and changes nothing; C(deleted) removes what is "
            "the owner's own, what is held before what holds it; C(undeclared) names what no owner declares.",
            choices=STATES,
            default="declared",
        ),
        Field("config", f"Objects by kind, as C(config) of the kind's own module takes them: {listed}.", type="dict"),
        Field("absent", "Names of objects that must not be there, by kind.", type="dict"),
        Field(
            "undo",
            "What C(piste undo) writes for the owner, by module: what is C(restored) comes first, in the order of the "
            "kinds, then what is C(returned), in the reverse of it.",
            type="dict",
        ),
        Field("only", "Kinds to which the task is limited.", type="list", choices=tuple(names), default=[]),
        Field(
            "step",
            "A step that the usual run leaves out, and that the task does alone.",
            choices=tuple(steps),
        ),
        Field(
            "rehearse",
            "Go through all the kinds without writing first, so that nothing is written before all have said that they "
            "refuse nothing. Not before C(deleted) nor C(undo).",
            type="bool",
            default=rehearses,
        ),
    )


def or_variable(option: Field, variable: str | None) -> Field:
    if variable is None:
        return option
    said = f"{option.doc} C({variable}) of the environment where the task does not say it."
    return replace(option, doc=said, required=False, default=UNSET)
