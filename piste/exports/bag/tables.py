"""The inventories of a bag: columns, their meaning in French, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from piste.exports.bag.asset_tables import ASSET_TABLES, LIFE
from piste.exports.bag.contents import Contents
from piste.exports.bag.life_tables import LIFE_TABLES
from piste.exports.bag.record_tables import RECORD_TABLES
from piste.exports.bag.table import NAME, SITE, STATUS, Column, Row, Table
from piste.town.model import Town


def _sites(contents: Contents, town: Town) -> Iterator[Row]:
    for name, site in town.sites.items():
        yield {**site, "site": name}


def _segments(contents: Contents, town: Town) -> Iterator[Row]:
    for name, site in town.sites.items():
        for segment in site["segments"].values():
            start, end = (segment["dhcp"]["start"], segment["dhcp"]["end"]) if segment["dhcp"] else (None, None)
            yield {**segment, "site": name, "segment": segment["key"], "dhcp_start": start, "dhcp_end": end}


def _reservations(contents: Contents, town: Town) -> Iterator[Row]:
    for site, derived in town.sites.items():
        for key, segment in derived["segments"].items():
            for name, address in segment["reservations"].items():
                yield {"site": site, "segment": key, "name": name, "address": address}


def observed_models(contents: Contents) -> dict[str, str]:
    """Map the serial of each device in a network to its model, by the Dashboard."""
    return {serial: model for place in contents.places for serial, model in place["models"].items()}


def declared_devices(town: Town) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Map the serial of each declared device to its site and derived device."""
    return {device["serial"]: (name, device) for name, site in town.sites.items() for device in site["devices"]}


_KEPT = ("vlan", "assigned_to", "state", "warranty_until", "end_of_life", "status")


def _devices(contents: Contents, town: Town) -> Iterator[Row]:
    declared, models = declared_devices(town), observed_models(contents)
    live = {item["serial"]: (site, item) for site, item in contents.of("network", "devices")}
    for serial in sorted({*declared, *live}):
        site, device = declared.get(serial, ("", {}))
        where, item = live.get(serial, ("", {}))
        yield {
            "serial": serial,
            "name": item.get("name", device.get("name")),
            "kind": device.get("kind"),
            "model": models.get(serial) or device.get("model"),
            "site": where or site,
            "address": device.get("address"),
            **{name: device.get(name) for name in _KEPT},
            "declared": serial in declared,
            "observed": serial in live,
        }


def _ports(contents: Contents, town: Town) -> Iterator[Row]:
    names = {item["serial"]: item.get("name") for _, item in contents.of("network", "devices")}
    for site, item in contents.of("network", "switch_ports"):
        yield {**item, "site": site, "device": names.get(item["serial"]), "port": item["port_id"]}


def _at_site(domain: str, name: str) -> Callable[[Contents, Town], Iterator[Row]]:
    def rows(contents: Contents, town: Town) -> Iterator[Row]:
        for site, item in contents.of(domain, name):
            yield {**item, "site": site}

    return rows


def _links(contents: Contents, town: Town) -> Iterator[Row]:
    for _, item in contents.of("directory", "gpo_links"):
        for rank, policy in enumerate(item.get("order", ()), 1):
            yield {**item["links"][policy], "target": item["target"], "rank": rank, "policy": policy}


def _rules(contents: Contents, town: Town) -> Iterator[Row]:
    for _, policy in contents.of("firewall", "policies"):
        for name, rules in policy.items():
            section = ""
            for rank, rule in enumerate(rules if isinstance(rules, list) else (), 1):
                section = rule.get("section", section)
                if "section" not in rule:
                    yield {**rule, "policy": policy["name"], "list": name, "rank": rank, "section": section}


def _elements(contents: Contents, town: Town) -> Iterator[Row]:
    for _, item in contents.of("firewall", "elements"):
        rest = {name: value for name, value in item.items() if name not in ("type", "name", "comment")}
        yield {**item, "content": rest}


def references(value: Any) -> Iterator[str]:
    """List the paths of the secrets that data refers to."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            yield value["secret"]
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from references(inner)


def _secrets(contents: Contents, town: Town) -> Iterator[Row]:
    used: dict[str, set[str]] = {}
    for (domain, kind), entries in contents.items.items():
        for path in references([item for _, item in entries]):
            used.setdefault(path, set()).add(f"{domain}/{kind}")
    for path in town.secret_paths():
        used.setdefault(path, set())
    for path in sorted(used):
        yield {"secret": path, "used_by": sorted(used[path])}


_VLAN = Column("vlan", "Numéro de VLAN", "integer")
_ENABLED = Column("enabled", "En service (true, false)", "boolean")
_RANK = Column("rank", "Rang, à partir de 1", "integer")
_DESCRIPTION = Column("description", "Description")

TABLES: tuple[Table, ...] = (
    Table(
        "sites",
        "Les sites de la Ville, ouverts ou non",
        (
            SITE,
            NAME,
            Column("category", "Catégorie (groupe de l’inventaire)"),
            Column("number", "Numéro du plan d’adressage", "integer"),
            Column("code", "Code à trois lettres"),
            Column("block", "Bloc d’adresses"),
            Column("lifecycle", "État : planned, open, closing, closed"),
            Column("network_name", "Nom du réseau dans le Dashboard"),
            Column("dot1x", "État du 802.1X : off, pilot, enforced"),
        ),
        _sites,
    ),
    Table(
        "vlans",
        "Les segments de chaque site : VLAN, sous-réseau, passerelle, DHCP",
        (
            SITE,
            Column("segment", "Segment"),
            _VLAN,
            Column("subnet", "Sous-réseau"),
            Column("gateway", "Passerelle"),
            Column("gateway_device", "Qui route : ngfw (pare-feu) ou core (cœur de réseau)"),
            Column("zone", "Zone de confiance"),
            Column("dhcp_start", "Première adresse distribuée"),
            Column("dhcp_end", "Dernière adresse distribuée"),
            STATUS,
        ),
        _segments,
    ),
    Table(
        "reservations",
        "Les adresses réservées, par nom",
        (SITE, Column("segment", "Segment"), NAME, Column("address", "Adresse IPv4")),
        _reservations,
    ),
    Table(
        "devices",
        "Les équipements du réseau, déclarés ou lus",
        (
            Column("serial", "Numéro de série"),
            NAME,
            Column("kind", "switch ou access_point"),
            Column("model", "Modèle, lu ; à défaut, déclaré"),
            SITE,
            Column("address", "Adresse d’administration, déduite du plan"),
            _VLAN,
            *LIFE,
            Column("declared", "Porté par la déclaration", "boolean"),
            Column("observed", "Lu dans le Dashboard", "boolean"),
            STATUS,
        ),
        _devices,
        ("network",),
    ),
    *ASSET_TABLES,
    *RECORD_TABLES,
    *LIFE_TABLES,
    Table(
        "ports",
        "Les ports des commutateurs, tels que lus",
        (
            SITE,
            Column("serial", "Numéro de série du commutateur"),
            Column("device", "Nom du commutateur"),
            Column("port", "Port"),
            NAME,
            _ENABLED,
            Column("type", "access ou trunk"),
            _VLAN,
            Column("voice_vlan", "VLAN de téléphonie", "integer"),
            Column("allowed_vlans", "VLAN admis sur un lien"),
            Column("poe_enabled", "Alimente par le câble", "boolean"),
            Column("access_policy_type", "Admission sur le port"),
            Column("access_policy", "Politique d’accès 802.1X"),
            Column("port_schedule", "Horaire hors duquel le port est éteint"),
        ),
        _ports,
        ("network",),
    ),
    Table(
        "ssids",
        "Les réseaux Wi-Fi de chaque site, tels que lus",
        (
            SITE,
            NAME,
            Column("number", "Emplacement dans le Dashboard (0 à 14)", "integer"),
            _ENABLED,
            Column("auth_mode", "Mode d’admission"),
            Column("default_vlan_id", "VLAN", "integer"),
            Column("visible", "Nom diffusé", "boolean"),
            Column("splash_page", "Portail"),
        ),
        _at_site("network", "ssids"),
        ("network",),
    ),
    Table(
        "radius_clients",
        "Les clients RADIUS de la paire NPS",
        (NAME, _ENABLED, Column("address", "Adresse"), Column("server", "Serveur, si un seul le connaît")),
        _at_site("access", "radius_clients"),
        ("access",),
    ),
    Table(
        "network_policies",
        "Les stratégies réseau NPS, dans leur ordre",
        (NAME, Column("order", "Ordre d’essai", "integer"), _ENABLED, _VLAN, Column("access", "allow ou deny")),
        _at_site("access", "network_policies"),
        ("access",),
    ),
    Table(
        "organizational_units",
        "Les unités d’organisation de l’annuaire",
        (Column("path", "Chemin"), _DESCRIPTION, Column("protected", "Protégée de la suppression", "boolean")),
        _at_site("directory", "organizational_units"),
        ("directory",),
    ),
    Table(
        "groups",
        "Les groupes de l’annuaire et leurs membres : la matrice d’habilitation",
        (
            NAME,
            Column("ou", "Unité d’organisation"),
            _DESCRIPTION,
            Column("scope", "Étendue"),
            Column("category", "security ou distribution"),
            Column("members", "Membres, par nom"),
        ),
        _at_site("directory", "groups"),
        ("directory",),
    ),
    Table(
        "gpos",
        "Les stratégies de groupe",
        (NAME, Column("comment", "Commentaire"), Column("wmi_filter", "Filtre WMI")),
        _at_site("directory", "gpos"),
        ("directory",),
    ),
    Table(
        "gpo_links",
        "Les liens des stratégies, dans l’ordre de la console",
        (
            Column("target", "Où : chemin d’unité, « / » pour le domaine"),
            _RANK,
            Column("policy", "Stratégie"),
            _ENABLED,
            Column("enforced", "Imposé", "boolean"),
        ),
        _links,
        ("directory",),
    ),
    Table(
        "print_queues",
        "Les files d’impression",
        (
            NAME,
            Column("duplexing", "Recto verso : one_sided, long_edge, short_edge"),
            Column("color", "Couleur", "boolean"),
            Column("location", "Emplacement"),
            Column("comment", "Commentaire"),
            Column("shared", "Partagée", "boolean"),
            Column("share_name", "Nom de partage"),
        ),
        _at_site("printing", "print_queues"),
        ("printing",),
    ),
    Table(
        "firewall_rules",
        "Les règles du pare-feu, dans leur ordre",
        (
            Column("policy", "Politique"),
            Column("list", "Liste : ipv4_access, ipv6_access, ipv4_nat, ipv6_nat"),
            _RANK,
            Column("section", "Section"),
            Column("id", "Identifiant durable"),
            NAME,
            Column("sources", "Sources"),
            Column("destinations", "Destinations"),
            Column("services", "Services"),
            Column("action", "Action"),
            Column("disabled", "Hors service", "boolean"),
            Column("comment", "Commentaire"),
        ),
        _rules,
        ("firewall",),
    ),
    Table(
        "firewall_elements",
        "Les éléments du pare-feu : hôtes, réseaux, groupes, services…",
        (Column("type", "Genre"), NAME, Column("content", "Contenu"), Column("comment", "Commentaire")),
        _elements,
        ("firewall",),
    ),
    Table(
        "virtual_machines",
        "Les machines virtuelles de la grappe",
        (
            NAME,
            _DESCRIPTION,
            Column("num_sockets", "Processeurs virtuels", "integer"),
            Column("num_cores_per_socket", "Cœurs par processeur", "integer"),
            Column("memory", "Mémoire"),
            Column("disks", "Disques"),
            Column("nics", "Cartes réseau"),
            Column("categories", "Catégories"),
            Column("power", "État : running, stopped"),
        ),
        _at_site("hosting", "vms"),
        ("hosting",),
    ),
    Table(
        "images",
        "Les images de disque",
        (NAME, Column("type", "Genre"), Column("url", "Origine")),
        _at_site("hosting", "images"),
        ("hosting",),
    ),
    Table(
        "secrets",
        "Les secrets désignés, jamais leurs valeurs : elles sont dans le coffre",
        (
            Column("secret", "Chemin dans le coffre"),
            Column("used_by", "Genres qui s’en servent ; vide : déclaré seulement"),
        ),
        _secrets,
    ),
)
