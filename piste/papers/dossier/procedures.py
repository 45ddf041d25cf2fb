"""The local procedures of a site, with its own names and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Section, Steps, Table
from piste.papers.dossier.sheet import contacts_table
from piste.papers.dossier.subject import Subject
from piste.town.model import Site
from piste.town.model.premises import Contact


class ProcedureText(TypedDict):
    """A procedure; its `source` is `site` if the site declares it, `rule` if it is derived."""

    title: str
    steps: list[str]
    source: str
    status: str | None


class Procedures(TypedDict):
    contacts: list[Contact]
    procedures: list[ProcedureText]


def procedures(subject: Subject) -> Procedures:
    """Give the data of the local procedures: declared by the site, then derived from it."""
    premises = subject.site["premises"]
    own: list[ProcedureText] = [
        {"title": procedure["title"], "steps": procedure["steps"], "source": "site", "status": procedure["status"]}
        for procedure in premises["procedures"]
    ]
    derived: list[ProcedureText] = [
        {"title": title, "steps": steps, "source": "rule", "status": None} for title, steps in _derived(subject)
    ]
    return {"contacts": premises["contacts"], "procedures": [*own, *derived]}


def procedures_sections(data: Procedures, subject: Subject) -> Iterator[Section]:
    """Print the local procedures, a section each."""
    yield Section("contacts", "Qui appeler", [contacts_table(data["contacts"])])
    own = [procedure for procedure in data["procedures"] if procedure["source"] == "site"]
    if not own:
        table = Table("procedures", "Procédures propres au site", [], [], required=True)
        yield Section("own", "Ce qui est propre au site", [table])
    for rank, procedure in enumerate(data["procedures"], start=1):
        status = procedure["status"] if procedure["source"] == "site" else None
        state = f" ({notation.STATUS[status]})" if status else ""
        yield Section(f"procedure-{rank}", f"{procedure['title']}{state}", [Steps(procedure["steps"])])


def _derived(subject: Subject) -> Iterator[tuple[str, list[str]]]:
    site = subject.site
    yield "Le site n’a plus de réseau", _no_network(subject)
    yield "Le courant est coupé", _no_power(site)
    switches = [device for device in subject.devices if device["kind"] == "switch"]
    if switches:
        yield "Remplacer un commutateur ou une borne", _replacement(site)
        yield "Changer l’usage d’un port", _port(site, switches[0]["name"])
    if site["dot1x"] != "off":
        yield "Un poste n’est plus admis en 802.1X", _refused(site)
    if guests := [ssid["name"] for ssid in site["ssids"] if ssid["guest"] and ssid["enabled"]]:
        yield "Un visiteur n’a pas Internet", _guests(site, guests)
    if site["printing"] and site["printing"]["queues"]:
        yield "Une imprimante n’imprime plus", _printing(site)


def _no_network(subject: Subject) -> list[str]:
    site = subject.site
    links = [
        f"{link['name']} ({link['operator'] or 'opérateur à renseigner'}, vers {subject.named(link['to'])})"
        for link in site["premises"]["links"][:3]
    ]
    return [
        "Vérifier que les commutateurs sont alimentés : voyants allumés dans la baie.",
        f"Noter quelle liaison est en cause : {', '.join(links) or 'liaisons à renseigner'}.",
        "Si un seul usage est touché, noter lequel (postes, téléphones, Wi-Fi) et sur quel commutateur.",
        "Ouvrir un incident auprès de la DSI, qui saisit l’opérateur de la liaison.",
        f"À la DSI : piste drift {site['id']} dit si la configuration a bougé.",
    ]


def _no_power(site: Site) -> list[str]:
    supplies = ", ".join(ups["name"] for ups in site["premises"]["ups"])
    supply = (
        f"Les onduleurs ({supplies}) tiennent les baies le temps de leur batterie : prévenir la DSI sans attendre."
        if supplies
        else "Aucun onduleur n’est déclaré : les équipements s’arrêtent aussitôt. Prévenir la DSI."
    )
    return [
        supply,
        "Ne rien débrancher ni rallumer à la main : les équipements repartent seuls.",
        "Au retour du courant, attendre dix minutes, puis vérifier un poste, un téléphone et le Wi-Fi.",
        f"À la DSI : piste verify {site['id']} contrôle le site et garde la preuve.",
    ]


def _replacement(site: Site) -> list[str]:
    return [
        "Poser le nouvel équipement au même rang de la même baie, avec les mêmes câbles (plan des baies et des ports).",
        f"Dans host_vars/{site['id']}.yml, écrire le numéro de série du nouveau sur la ligne de l’ancien : le rang "
        "garde le nom et l’adresse.",
        f"piste plan {site['id']}, lire, puis piste apply.",
        f"piste verify {site['id']}, puis joindre le PV à l’intervention.",
    ]


def _port(site: Site, switch: str) -> list[str]:
    return [
        f"Relever le commutateur ({switch}, par exemple) et le numéro du port.",
        f'Dans inventories/town/host_vars/{site["id"]}.yml, donner son profil au port : ports: {{"7": imprimante}}.',
        f"piste plan {site['id']}, lire, puis piste apply.",
        "Coller l’étiquette du nouvel usage.",
    ]


def _refused(site: Site) -> list[str]:
    return [
        "Vérifier que le poste a son certificat et qu’il est dans son groupe de l’annuaire.",
        f"piste verify {site['id']} dit si les serveurs RADIUS répondent et qui ils admettent.",
        "Un équipement sans 802.1X se déclare par son adresse MAC, avec une date de fin (dot1x_exceptions).",
        "En dernier recours, le retour en arrière est dans docs/passage-802.1x.md.",
    ]


def _guests(site: Site, names: list[str]) -> list[str]:
    return [
        f"Vérifier que le visiteur est sur {' ou '.join(names)}, et qu’il a accepté les conditions du portail.",
        f"piste flows {site['id']} dit ce que les invités atteignent : Internet seul.",
        "Ne jamais dépanner un visiteur en lui donnant un autre réseau.",
    ]


def _printing(site: Site) -> list[str]:
    assert site["printing"] is not None
    queues = ", ".join(queue["name"] for queue in site["printing"]["queues"])
    return [
        "Vérifier le papier, l’encre, et que l’imprimante est sur son port (plan des baies et des ports).",
        f"Les files du site sont sur {site['printing']['server']} : {queues}.",
        f"piste plan {site['id']} --domain printing dit si une file a bougé.",
    ]
