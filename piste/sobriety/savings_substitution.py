"""The saving of thin clients, realised by deployed lots and expected of the others."""

from __future__ import annotations

from piste.sobriety.counting import Known
from piste.sobriety.substitution import Substitution, substitution
from piste.sobriety.value_range import Range

FORMULA = "places × (consommation d’un poste, veille comprise − client léger − session sur la grappe)"
IN_FULL = "La part d’un nœud est comptée même là où la grappe a encore de la place"
ONE_FOR_ONE = "Un client léger remplace un poste fixe"


def of_lots(known: Known) -> tuple[Substitution | str, Range | None, Range | None]:
    """Compute the scenario of all the lots, and the energy of those deployed and of the others."""
    lots = known.town.commune["thin_client_lots"] if known.town.commune else []
    whole = substitution(known, lots, price_of(known))
    if isinstance(whole, str):
        return whole, None, None
    if not whole.places:
        return "aucun lot n’est déclaré (thin_client_lots)", None, None
    done = sum(len(lot["thin_clients"]) for lot in lots if lot["state"] == "deployed")
    won, left = (whole.kwh.times(places / whole.places) for places in (done, whole.places - done))
    return whole, won, left


def price_of(known: Known) -> Range | None:
    """Give the price of a kilowatt-hour today, in euros; None where none is declared."""
    prices = known.town.sobriety.prices
    each = next((price.eur_per_kwh for price in reversed(prices) if price.start <= known.day), None)
    return None if each is None else Range(each, each, each)
