"""The inventories of a bag: columns, their meaning in French, rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from piste.bag.contents import Contents
from piste.bag.inventory import items
from piste.bag.table import Column, Row, Table
from piste.model import Town


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


def _items(contents: Contents, town: Town) -> Iterator[Row]:
    for item in items(town):
        yield {**item.columns, "class": item.kind}


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


def _c(name: str, doc: str, type: str = "string") -> Column:
    return Column(name, doc, type)


_SITE = _c("site", "Identifiant du site (nom dans l'inventaire)")
_NAME = _c("name", "Nom")
_VLAN = _c("vlan", "Numéro de VLAN", "integer")
_ENABLED = _c("enabled", "En service (true, false)", "boolean")
_STATUS = _c("status", "« to_confirm » : donnée d'exemple, à confirmer avec la DSI")
_ITEM = (
    _c("assigned_to", "Affectation : le site ou la grappe que sert l'équipement, sauf s'il dit mieux"),
    _c("state", "Statut : in_service, awaited (à recevoir), leaving (site en fermeture), stock, stopped (machine)"),
    _c("warranty_until", "Fin de la garantie (AAAA-MM-JJ)"),
    _c("end_of_life", "Fin de vie prévisionnelle (AAAA-MM-JJ)"),
)
_RANK = _c("rank", "Rang, à partir de 1", "integer")
_DESCRIPTION = _c("description", "Description")

TABLES: tuple[Table, ...] = (
    Table(
        "sites",
        "Les sites de la Ville, ouverts ou non",
        (
            _SITE,
            _NAME,
            _c("category", "Catégorie (groupe de l'inventaire)"),
            _c("number", "Numéro du plan d'adressage", "integer"),
            _c("code", "Code à trois lettres"),
            _c("block", "Bloc d'adresses"),
            _c("lifecycle", "État : planned, open, closing, closed"),
            _c("network_name", "Nom du réseau dans le Dashboard"),
            _c("dot1x", "État du 802.1X : off, pilot, enforced"),
        ),
        _sites,
    ),
    Table(
        "vlans",
        "Les segments de chaque site : VLAN, sous-réseau, passerelle, DHCP",
        (
            _SITE,
            _c("segment", "Segment"),
            _VLAN,
            _c("subnet", "Sous-réseau"),
            _c("gateway", "Passerelle"),
            _c("gateway_device", "Qui route : ngfw (pare-feu) ou core (cœur de réseau)"),
            _c("zone", "Zone de confiance"),
            _c("dhcp_start", "Première adresse distribuée"),
            _c("dhcp_end", "Dernière adresse distribuée"),
            _STATUS,
        ),
        _segments,
    ),
    Table(
        "reservations",
        "Les adresses réservées, par nom",
        (_SITE, _c("segment", "Segment"), _NAME, _c("address", "Adresse IPv4")),
        _reservations,
    ),
    Table(
        "devices",
        "Les équipements du réseau, déclarés ou lus",
        (
            _c("serial", "Numéro de série"),
            _NAME,
            _c("kind", "switch ou access_point"),
            _c("model", "Modèle, lu ; à défaut, déclaré"),
            _SITE,
            _c("address", "Adresse d'administration, déduite du plan"),
            _VLAN,
            *_ITEM,
            _c("declared", "Porté par la déclaration", "boolean"),
            _c("observed", "Lu dans le Dashboard", "boolean"),
            _STATUS,
        ),
        _devices,
        ("network",),
    ),
    Table(
        "items",
        "L'inventaire (CMDB) : tout ce que la déclaration tient un par un, et ce que le CCTP veut en savoir (3.4.1)",
        (
            _c("class", "switch, access_point, ups, server (nœud de la grappe) ou virtual_machine"),
            _NAME,
            _c("model", "Modèle ; d'une machine virtuelle, son rôle"),
            _c("serial", "Numéro de série ; une machine virtuelle n'en a pas"),
            _SITE,
            *_ITEM,
            _c("address", "Adresse"),
            _STATUS,
        ),
        _items,
    ),
    Table(
        "ports",
        "Les ports des commutateurs, tels que lus",
        (
            _SITE,
            _c("serial", "Numéro de série du commutateur"),
            _c("device", "Nom du commutateur"),
            _c("port", "Port"),
            _NAME,
            _ENABLED,
            _c("type", "access ou trunk"),
            _VLAN,
            _c("voice_vlan", "VLAN de téléphonie", "integer"),
            _c("allowed_vlans", "VLAN admis sur un lien"),
            _c("poe_enabled", "Alimente par le câble", "boolean"),
            _c("access_policy_type", "Admission sur le port"),
            _c("access_policy", "Politique d'accès 802.1X"),
            _c("port_schedule", "Horaire hors duquel le port est éteint"),
        ),
        _ports,
        ("network",),
    ),
    Table(
        "ssids",
        "Les réseaux Wi-Fi de chaque site, tels que lus",
        (
            _SITE,
            _NAME,
            _c("number", "Emplacement dans le Dashboard (0 à 14)", "integer"),
            _ENABLED,
            _c("auth_mode", "Mode d'admission"),
            _c("default_vlan_id", "VLAN", "integer"),
            _c("visible", "Nom diffusé", "boolean"),
            _c("splash_page", "Portail"),
        ),
        _at_site("network", "ssids"),
        ("network",),
    ),
    Table(
        "radius_clients",
        "Les clients RADIUS de la paire NPS",
        (_NAME, _ENABLED, _c("address", "Adresse"), _c("server", "Serveur, si un seul le connaît")),
        _at_site("access", "radius_clients"),
        ("access",),
    ),
    Table(
        "network_policies",
        "Les stratégies réseau NPS, dans leur ordre",
        (_NAME, _c("order", "Ordre d'essai", "integer"), _ENABLED, _VLAN, _c("access", "allow ou deny")),
        _at_site("access", "network_policies"),
        ("access",),
    ),
    Table(
        "organizational_units",
        "Les unités d'organisation de l'annuaire",
        (_c("path", "Chemin"), _DESCRIPTION, _c("protected", "Protégée de la suppression", "boolean")),
        _at_site("directory", "organizational_units"),
        ("directory",),
    ),
    Table(
        "groups",
        "Les groupes de l'annuaire et leurs membres : la matrice d'habilitation",
        (
            _NAME,
            _c("ou", "Unité d'organisation"),
            _DESCRIPTION,
            _c("scope", "Étendue"),
            _c("category", "security ou distribution"),
            _c("members", "Membres, par nom"),
        ),
        _at_site("directory", "groups"),
        ("directory",),
    ),
    Table(
        "gpos",
        "Les stratégies de groupe",
        (_NAME, _c("comment", "Commentaire"), _c("wmi_filter", "Filtre WMI")),
        _at_site("directory", "gpos"),
        ("directory",),
    ),
    Table(
        "gpo_links",
        "Les liens des stratégies, dans l'ordre de la console",
        (
            _c("target", "Où : chemin d'unité, « / » pour le domaine"),
            _RANK,
            _c("policy", "Stratégie"),
            _ENABLED,
            _c("enforced", "Imposé", "boolean"),
        ),
        _links,
        ("directory",),
    ),
    Table(
        "print_queues",
        "Les files d'impression",
        (
            _NAME,
            _c("duplexing", "Recto verso : one_sided, long_edge, short_edge"),
            _c("color", "Couleur", "boolean"),
            _c("location", "Emplacement"),
            _c("comment", "Commentaire"),
            _c("shared", "Partagée", "boolean"),
            _c("share_name", "Nom de partage"),
        ),
        _at_site("printing", "print_queues"),
        ("printing",),
    ),
    Table(
        "firewall_rules",
        "Les règles du pare-feu, dans leur ordre",
        (
            _c("policy", "Politique"),
            _c("list", "Liste : ipv4_access, ipv6_access, ipv4_nat, ipv6_nat"),
            _RANK,
            _c("section", "Section"),
            _c("id", "Identifiant durable"),
            _NAME,
            _c("sources", "Sources"),
            _c("destinations", "Destinations"),
            _c("services", "Services"),
            _c("action", "Action"),
            _c("disabled", "Hors service", "boolean"),
            _c("comment", "Commentaire"),
        ),
        _rules,
        ("firewall",),
    ),
    Table(
        "firewall_elements",
        "Les éléments du pare-feu : hôtes, réseaux, groupes, services…",
        (_c("type", "Genre"), _NAME, _c("content", "Contenu"), _c("comment", "Commentaire")),
        _elements,
        ("firewall",),
    ),
    Table(
        "virtual_machines",
        "Les machines virtuelles de la grappe",
        (
            _NAME,
            _DESCRIPTION,
            _c("num_sockets", "Processeurs virtuels", "integer"),
            _c("num_cores_per_socket", "Cœurs par processeur", "integer"),
            _c("memory", "Mémoire"),
            _c("disks", "Disques"),
            _c("nics", "Cartes réseau"),
            _c("categories", "Catégories"),
            _c("power", "État : running, stopped"),
        ),
        _at_site("hosting", "vms"),
        ("hosting",),
    ),
    Table(
        "images",
        "Les images de disque",
        (_NAME, _c("type", "Genre"), _c("url", "Origine")),
        _at_site("hosting", "images"),
        ("hosting",),
    ),
    Table(
        "secrets",
        "Les secrets désignés, jamais leurs valeurs : elles sont dans le coffre",
        (_c("secret", "Chemin dans le coffre"), _c("used_by", "Genres qui s'en servent ; vide : déclaré seulement")),
        _secrets,
    ),
)
