"""The settings of a lever as the town declares them: policies, print defaults, schedules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Table, Text, optional
from piste.town.model import Town
from piste.town.model.sobriety.form import Drives

type ModelKind = Literal["policy", "startup", "printing", "schedule", "retention", "lots", "hours", "radio", "ssid"]

INTRODUCED: dict[ModelKind, str] = {
    "policy": "Stratégies de groupe, déclarées dans group_vars/all/policies.yml. Elles se lient site par site, selon "
    "l’étape du levier ; au pilote, seul le groupe pilote applique la variante « (pilote) ».",
    "startup": "Stratégie de groupe, déclarée dans group_vars/all/policies.yml, et programmes de "
    "group_vars/all/autostart.yml. Aucun n’est retiré du poste ; les agents de sécurité démarrent toujours.",
    "printing": "Réglages par défaut des files, déclarés dans group_vars/all/printing.yml. L’agent reste libre d’en "
    "changer pour un document.",
    "schedule": "Horaires des machines, déclarés dans group_vars/all/hosting.yml et portés par la catégorie "
    "« Horaires » de chaque machine ; la minuterie les applique (docs/horaires-machines.md).",
    "retention": "Classes de rétention et partages visés, déclarés dans group_vars/all/storage.yml. Les services les "
    "appliquent (tâche de gestion de fichiers, versement aux archives) ; Piste ne supprime rien.",
    "lots": "Lots de clients légers et hypothèses du scénario, déclarés dans group_vars/all/thin_clients.yml.",
    "hours": "Heures des ordinateurs de chaque site, déclarées dans host_vars ou dans la variable de leur catégorie.",
    "radio": "Profil radio des bornes, déclaré avec les réglages du réseau.",
    "ssid": "SSID sans usage, déclarés dans group_vars/all/ssids.yml (retired_ssids).",
}


class Setting(TypedDict):
    """A setting of a model: the object, the name, the value."""

    of: str
    name: str
    value: str


class Model(TypedDict):
    kind: ModelKind
    settings: list[Setting]


def model(town: Town, lever: str) -> Model:
    """List the settings of a lever, as the town declares them."""
    drives = town.sobriety.levers[lever].drives
    match drives:
        case "sleep" | "telemetry":
            return {"kind": "policy", "settings": list(_policy_settings(town, drives))}
        case "autostart":
            return {"kind": "startup", "settings": [*_policy_settings(town, drives), *_programs(town)]}
        case "shutdown":
            return {"kind": "policy", "settings": list(_shutdown(town))}
        case "retention":
            return {"kind": "retention", "settings": list(_retention(town))}
        case "thin_clients":
            return {"kind": "lots", "settings": list(_lots(town))}
        case "print_defaults":
            return {"kind": "printing", "settings": list(_printing(town))}
        case "machine_hours":
            return {"kind": "schedule", "settings": list(_schedules(town))}
        case "ssid_hours" | "port_hours":
            return {"kind": "hours", "settings": list(_hours(town))}
        case "radio_power":
            return {"kind": "radio", "settings": []}
        case "ssid_cleaning":
            names = sorted({name for site in town.sites.values() for name in site["retired_ssids"]})
            return {"kind": "ssid", "settings": [{"of": name, "name": "SSID", "value": "éteint"} for name in names]}


def model_blocks(model: Model) -> Iterator[Block]:
    """Print a model."""
    yield Text(INTRODUCED[model["kind"]])
    if model["settings"]:
        yield Table.of(
            "settings",
            "Réglages du modèle",
            model["settings"],
            lambda setting: f"{setting['of']}/{setting['name']}",
            (Column("of", "Objet", 3), lambda setting: Cell(setting["of"])),
            (Column("name", "Réglage", 3), lambda setting: Cell(setting["name"])),
            (Column("value", "Valeur", 2), lambda setting: optional(setting["value"])),
        )


def _policy_settings(town: Town, drives: Drives) -> Iterator[Setting]:
    for policy in _policies(town):
        for side in (policy["computer"], policy["user"]) if policy["lever"] == drives else ():
            for name, value in ((side or {}).get("policies") or {}).items():
                yield {"of": policy["name"], "name": name, "value": _value(name, value)}


def _programs(town: Town) -> Iterator[Setting]:
    places = {"run": "clé Run", "folder": "dossier Démarrage", "task": "tâche planifiée", "service": "service"}
    for policy in _policies(town):
        startup = policy["startup"]
        for program in startup["programs"] if startup and not startup["given_back"] else ():
            value = "ne démarre plus qu’à la demande" if program["place"] == "service" else "ne démarre plus seul"
            name = f"{program['entry']} ({places[program['place']]})"
            yield {"of": program["label"], "name": name, "value": value}


def _shutdown(town: Town) -> Iterator[Setting]:
    for policy in _policies(town):
        if hours := policy["shutdown"]:
            yield {"of": policy["name"], "name": "Heures des ordinateurs", "value": _open(hours)}
            yield {
                "of": policy["name"],
                "name": "Arrêt, avertissement",
                "value": f"{notation.measure(hours['delay_min'], 'min')} après la fermeture, "
                f"averti {notation.measure(hours['warning_min'], 'min')} avant",
            }


def _policies(town: Town) -> Iterator[Mapping[str, Any]]:
    """List the policies for everybody; their variants of the pilot stage have the same settings."""
    for policy in town.commune["directory"]["policies"] if town.commune else ():
        if policy["filtering"] is None:
            yield policy


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return notation.yes(value)
    return notation.measure(value, "s") if isinstance(value, int) and name.startswith("power.") else str(value)


def _printing(town: Town) -> Iterator[Setting]:
    sides = {"one_sided": "recto", "long_edge": "recto verso, bord long", "short_edge": "recto verso, bord court"}
    for site in town.sites.values():
        for queue in site["printing"]["queues"] if site["printing"] else ():
            settings = queue["settings"]
            if "duplexing" in settings and not queue["why"]:
                colour = "couleur" if settings["color"] else "noir et blanc"
                value = f"{sides[settings['duplexing']]}, {colour}"
                yield {"of": site["name"], "name": queue["name"], "value": value}


def _retention(town: Town) -> Iterator[Setting]:
    storage = town.commune and town.commune["storage"]
    for share in storage["shares"] if storage else ():
        on = share["retention_applied_on"]
        value = f"appliquée le {notation.day(on)}" if on else share["retention_why"]
        yield {"of": share["label"], "name": ", ".join(share["retention"]) or "aucune classe", "value": value}


def _lots(town: Town) -> Iterator[Setting]:
    states = {"without_study": "sans étude", "refused": "refusé", "ready": "prêt", "deployed": "déployé"}
    for lot in town.commune["thin_client_lots"] if town.commune else ():
        value = f"{states[lot['state']]}, prévu le {notation.day(lot['planned_on'])}"
        yield {"of": lot["label"], "name": agreed(len(lot["thin_clients"]), "client(s) léger(s)"), "value": value}


def _schedules(town: Town) -> Iterator[Setting]:
    hosting = town.commune and town.commune["hosting"]
    if not hosting:
        return
    for machine in hosting["machines"]:
        if machine["schedule"]:
            schedule = hosting["hours"]["schedules"][machine["schedule"]]
            yield {"of": machine["name"], "name": machine["schedule"], "value": schedule["description"]}


def _hours(town: Town) -> Iterator[Setting]:
    for site in town.sites.values():
        if site["lifecycle"] in ("open", "closing"):
            hours = site["opening_hours"]
            yield {"of": site["name"], "name": "Heures des ordinateurs", "value": _open(hours) if hours else ""}


def _open(hours: Mapping[str, Any]) -> str:
    days = [notation.DAY[day] for day in hours["days"]]
    names = list(notation.DAY.values())
    follow = len(days) > 2 and [names.index(day) for day in days] == list(
        range(names.index(days[0]), names.index(days[0]) + len(days))
    )
    opened = f"du {days[0]} au {days[-1]}" if follow else ", ".join(days)
    return f"{opened}, de {_clock(hours['start'])} à {_clock(hours['end'])}"


def _clock(text: str) -> str:
    hour, minute = text.split(":")
    return f"{int(hour)}\N{NO-BREAK SPACE}h{'' if minute == '00' else f' {minute}'.replace(' ', chr(160))}"
