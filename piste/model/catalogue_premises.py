"""The semantic rules of what stands at a site; see `piste.model.catalogue`."""

from __future__ import annotations

from .rule import Rule

PREMISES_RULES: dict[str, Rule] = {
    "PISTE-M150": Rule(
        "Équipement d'une baie connu",
        "Une baie tient des équipements du site, par leur nom : un autre nom serait sur le plan et nulle part.",
        "Corrigez le nom, ou déclarez l'équipement (switches, access_points, premises.ups).",
    ),
    "PISTE-M151": Rule(
        "Une place par équipement",
        "Deux équipements ne tiennent pas au même rang d'une baie, ni un équipement dans deux baies.",
        "Donnez à chacun sa baie et son rang.",
    ),
    "PISTE-M152": Rule(
        "Baie de l'onduleur connue",
        "Un onduleur dont la baie n'existe pas ne secourt rien sur le plan.",
        "Corrigez le nom, ou déclarez la baie (premises.racks).",
    ),
    "PISTE-M153": Rule(
        "Fin de vie prévue",
        "Sans fin de vie, un matériel n'entre dans aucun plan de remplacement, et l'inventaire est incomplet (3.4.1).",
        "Donnez end_of_life au modèle (hardware), ou à l'équipement lui-même.",
        severity="warning",
    ),
    "PISTE-M154": Rule(
        "Garantie jusqu'à la fin de vie au plus",
        "Personne ne garantit un matériel que le constructeur ne suit plus : l'une des deux dates est fausse.",
        "Corrigez warranty_until ou end_of_life.",
    ),
}
