"""Cost of thin clients in the place of computers: prices, lives, carbon (CCTP 4.4.4).

Each assumption has its bounds and its source. The energy of computers and thin clients is that of `energy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from .. import values
from ..forms import Form, Marked
from ..sobriety.form import Investment, Lever
from ..sobriety.levers import lever_of

if TYPE_CHECKING:
    from ..variables import TownLevel
    from ..view import View
    from .form import ThinClientLot

Text = Annotated[str, Field(min_length=1)]
Amount = Annotated[float, Field(ge=0, le=1_000_000)]


class Assumed(Form):
    """A value between two bounds, and its source."""

    value: Amount
    low: Amount
    high: Amount
    source: Text

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise values.refuse(f"{self.value:g} n’est pas entre {self.low:g} et {self.high:g}")
        return self


class AboveZero(Assumed):
    """A value that divides: its lower bound is above 0."""

    low: Annotated[float, Field(gt=0, le=1_000_000)]


class CostedHardware(Form):
    """Hardware: price without tax, years of use, carbon of its making (kgCO2e)."""

    price_eur: Assumed
    life_years: AboveZero
    embodied_kg: Assumed


class CostedSession(Form):
    """The session of a user on the cluster: its needs, its hours, its licences."""

    per_node: AboveZero
    vcpus: Assumed
    memory_gib: Assumed
    hours_per_year: Assumed
    licence_eur_per_year: Assumed


class ThinClientScenario(Marked):
    """Assumptions of the substitution.

    `renewed` is the part (0 to 1) of the replaced computers that were to be bought again anyway.
    """

    thin_client: CostedHardware
    computer: CostedHardware
    node: CostedHardware
    session: CostedSession
    renewed: Assumed

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.renewed.high > 1:
            raise values.refuse(f"renewed est une part, de 0 à 1, pas {self.renewed.high:g}")
        return self

    def capex_eur(self) -> float:
        """Compute the price of a place: thin client, part of a node, less a computer not bought."""
        node = self.node.price_eur.value / self.session.per_node.value
        return self.thin_client.price_eur.value + node - self.renewed.value * self.computer.price_eur.value


def with_costs(
    levers: Mapping[str, Lever], scenario: ThinClientScenario | None, lots: Mapping[str, ThinClientLot]
) -> dict[str, Lever]:
    """Give the lever of thin clients the cost of its scenario: it is written once."""
    costed = dict(levers)
    for name, lever in levers.items():
        if lever.drives == "thin_clients" and lever.investment is None and scenario is not None:
            count = sum(len(lot.thin_clients) for lot in lots.values())
            investment = Investment(
                what=f"{count} clients légers et leur part de la grappe, moins les postes non rachetés",
                capex_eur=max(0, round(count * scenario.capex_eur())),
                opex_eur_per_year=round(count * scenario.session.licence_eur_per_year.value),
            )
            costed[name] = lever.model_copy(update={"investment": investment})
    return costed


def check_scenario(view: View) -> None:
    """M379: the lever of thin clients has its cost from the scenario, and no other."""
    town = view.declared.town
    match = lever_of(town.variables, "thin_clients")
    if match is None:
        return
    name, lever = match
    if lever.investment is not None:
        message = f"{name} : le coût est écrit deux fois (investment, thin_client_scenario)"
    elif town.variables.thin_client_scenario is None:
        message = f"{name} : aucun scénario ne dit ce que coûte la substitution"
    else:
        return
    where = ("sobriety_levers", name)
    view.faults.add("PISTE-M379", f"sobriety_levers.{name}", town.where((*where, "investment"), where), message)


def levers_of(town: TownLevel) -> dict[str, Lever]:
    """Give the levers of a town, with their costs."""
    return with_costs(town.sobriety_levers, town.thin_client_scenario, town.thin_client_lots)
