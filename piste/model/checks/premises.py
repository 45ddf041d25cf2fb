"""What stands at a site: racks that hold its own devices, each once, supplies that stand in a rack."""

from __future__ import annotations

from ..wording import closest
from .view import View


def racks(view: View) -> None:
    """M150, M151: a rack holds devices of its site, each device has one place and each place one device."""
    for declared, site in view.pairs():
        premises = declared.variables.premises
        known = {device["name"] for device in (*site["devices"], *site["awaited"])} | premises.ups.keys()
        placed: dict[str, str] = {}
        for rack, entry in premises.racks.items():
            taken: dict[int, str] = {}
            for name, unit in entry.equipment.items():
                path = f"sites[{declared.id}].premises.racks[{rack}].equipment[{name}]"
                mark = declared.where(("premises", "racks", rack, "equipment", name))
                if name not in known:
                    message = f"{declared.id} : « {name} », dans {rack}, n'est pas un équipement du site"
                    view.faults.add("PISTE-M150", path, mark, message, closest(name, known))
                if name in placed:
                    message = f"{declared.id} : {name} est dans {placed[name]} et dans {rack}"
                    view.faults.add("PISTE-M151", path, mark, message)
                elif unit is not None and (unit in taken or unit > (entry.units or unit)):
                    where = f"pris par {taken[unit]}" if unit in taken else f"au-delà de ses {entry.units} U"
                    message = f"{declared.id} : {name} est au rang {unit} de {rack}, {where}"
                    view.faults.add("PISTE-M151", path, mark, message)
                placed.setdefault(name, rack)
                if unit is not None:
                    taken.setdefault(unit, name)


def supplies(view: View) -> None:
    """M152: the rack of a supply is declared."""
    for declared in view.declared.sites:
        premises = declared.variables.premises
        for name, ups in premises.ups.items():
            if ups.rack is not None and ups.rack not in premises.racks:
                path, where = f"sites[{declared.id}].premises.ups[{name}].rack", ("premises", "ups", name, "rack")
                message = f"{declared.id} : la baie « {ups.rack} » de l'onduleur {name} n'est pas déclarée"
                view.faults.add("PISTE-M152", path, declared.where(where), message, closest(ups.rack, premises.racks))
