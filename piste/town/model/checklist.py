"""The checklist of an opening: what is proposed, and the tasks left to people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.engine.words import agreed

from .new_site import Answers, awaited
from .premises import joining

if TYPE_CHECKING:
    from .devices import Device
    from .site import Site


def cabling(site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield `(access point, switch, port)`, in order.

    The last two are empty where no port is left.
    """
    devices = [*site["devices"], *site["awaited"]]
    ports = [
        (device["name"], port["port"])
        for device in devices
        for port in device["ports"]
        if port["profile"] == "borne" and device["kind"] == "switch"
    ]
    points = [device["name"] for device in devices if device["kind"] == "access_point"]
    for rank, name in enumerate(points):
        switch, port = ports[rank] if rank < len(ports) else ("", "")
        yield name, switch, port


def uplinks(device: Device) -> str:
    """Name the uplink ports of a switch, `25, 26, 27, 28`."""
    return ", ".join(port["port"] for port in device["ports"] if port["uplink"])


def checklist(site: Site, answers: Answers, third_parties: Sequence[str]) -> str:
    """Write the tasks left to people before a site opens, and its proposal, as Markdown."""
    counted = ((answers.rooms, "salle(s)"), (answers.users, "utilisateur(s)"))
    size = ", ".join(agreed(count, word) for count, word in counted if count)
    lines = [
        f"# Ouvrir {answers.name} : liste de contrôle",
        "",
        f"Site `{site['id']}`, {site['category_label'].lower()}, CCTP {site['cctp']} ; adresse : "
        f"{answers.address or '**à renseigner**'} ; taille : {size or '**à renseigner**'}. "
        "Ce qui suit est proposé par la règle et à confirmer avec la DSI.",
        "",
        "## Ce qui est proposé",
        "",
        f"Numéro {site['number']}, code `{site['code']}`, bloc {site['block']}.",
        "",
        "| Segment | VLAN | Sous-réseau | Passerelle | DHCP |",
        "|---|---|---|---|---|",
        *(_segment_line(segment) for segment in site["segments"].values()),
        "",
        "| Équipement | Modèle | Numéro de série | Adresse | Liaisons |",
        "|---|---|---|---|---|",
        *(_device_line(device) for device in (*site["devices"], *site["awaited"])),
        "",
        "| Borne | Commutateur | Port |",
        "|---|---|---|",
        *(f"| {name} | {switch or '**aucun port libre**'} | {port} |" for name, switch, port in cabling(site)),
        "",
        "## À faire",
        "",
        "- [ ] étude technique préalable, chiffrage et planning validés par la DSI (CCTP 3.6.7)",
        "- [ ] adresse, contacts et heures des ordinateurs renseignés",
        *(f"- [ ] coordination avec {name}" for name in third_parties),
        _link_task(site),
        "- [ ] baie sécurisée, onduleur, étiquetage (CCTP 3.4.1, 3.6.1)",
        *([f"- [ ] réception de {_awaited_words(answers)}, numéros de série déclarés"] if site["awaited"] else []),
        *([f"- [ ] file {name} créée sur le serveur d’impression" for name in _queue_names(site)]),
        f"- [ ] secret `radius/{site['id']}` donné au coffre",
        f"- [ ] `lifecycle: open` : piste site open {site['id']}",
        f"- [ ] plan relu et appliqué : piste plan commune,{site['id']}",
        "- [ ] politique installée sur les pare-feu : piste install",
        f"- [ ] vérification conforme : piste verify {site['id']}",
        f"- [ ] fiche complète, procès-verbal de recette signé : piste dossier {site['id']}",
    ]
    return "\n".join([*lines, ""])


def _link_task(site: Site) -> str:
    """Write the task of the link: it is checked where it arrives, or still to declare."""
    known = joining(site)
    if not known:
        return "- [ ] liaison vers le cœur commandée et déclarée (`premises.links`, avec le port où elle arrive)"
    link = known[0]
    about = ", ".join(filter(None, [link["operator"], f"{link['rate_mbps']} Mbit/s" if link["rate_mbps"] else None]))
    arrives = f"arrivée à {link['to']}, {link['far_port']}, brassée et relue aux deux bouts"
    return f"- [ ] liaison {link['name']}{f' ({about})' if about else ''} : {arrives}"


def _segment_line(segment: Mapping[str, Any]) -> str:
    dhcp = segment["dhcp"]
    pool = f"{dhcp['start']} à {dhcp['end']}" if dhcp else "aucun"
    return f"| {segment['key']} | {segment['vlan']} | {segment['subnet']} | {segment['gateway']} | {pool} |"


def _device_line(device: Device) -> str:
    serial = device["serial"] or "**à recevoir**"
    return f"| {device['name']} | {device['model']} | {serial} | {device['address']} | {uplinks(device)} |"


def _awaited_words(answers: Answers) -> str:
    return ", ".join(f"{count} {model}" for model, count in awaited(answers).items())


def _queue_names(site: Site) -> list[str]:
    return [queue["name"] for queue in site["printing"]["queues"]] if site["printing"] else []
