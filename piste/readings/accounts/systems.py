"""The systems whose accounts the town wants to know, each a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from piste.town.model.derived import Derived


class Source(NamedTuple):
    """A kind of system.

    `label` ends the name of the task that reads it; `why` says why nothing reads it, where nothing does. Only a system
    that somebody `administers` needs an account of the town with full rights. `hand` is how an account is withdrawn
    where Piste cannot, `away` what Piste does to it; `made` is how an account is created there. `subject` names another
    reading that has its accounts. `hides` says why the rights of some are not read.
    """

    label: str
    why: str = ""
    hand: str = ""
    administers: bool = True
    subject: str = ""
    away: str = "mis hors service"
    hides: str = "il ne dit pas leurs droits"
    made: str = "dans sa console"


SOURCES: Mapping[str, Source] = {
    "meraki": Source("Dashboard", away="supprimé, le Dashboard n’ayant pas de mise hors service"),
    "smc": Source("SMC"),
    "prism": Source("Prism Central"),
    "ad": Source("annuaire"),
    "zabbix": Source("Zabbix"),
    "glpi": Source("GLPI", hides="son API ne dit que le profil de départ"),
    "server": Source("serveurs Windows", administers=False, away="ôté des administrateurs locaux",
                     made="Gestion de l’ordinateur, groupe Administrateurs"),
    "nexus": Source("Nexus", hand="no username COMPTE, dans la configuration du Nexus",
                    made="username COMPTE role network-admin, ou network-operator en lecture"),
    "microsoft": Source(
        "Microsoft 365", hand="Entra ID, Rôles et administrateurs : retirez ses rôles, puis fermez ses sessions",
        subject="tenant", made="Entra ID, Rôles et administrateurs : un rôle à activer (PIM), jamais à demeure",
    ),
    "veeam": Source(
        "Veeam", "Piste ne lit que ses copies",
        "Veeam, Users and Roles : retirez le compte",
    ),
    "nut": Source(
        "onduleurs", "NUT ne dit pas ses comptes : upsd.users ne se lit que sur sa machine",
        "upsd.users, sur la machine de NUT : retirez le bloc du compte, puis upsd -c reload", administers=False,
    ),
    "vault": Source(
        "coffre", "un coffre scellé ne dit pas ses détenteurs", "le coffre : nouveau scellement sans cette personne",
        administers=False,
    ),
    "forge": Source(
        "forge Git", "Piste ne demande rien à la forge", "la forge : retirez le membre et ses jetons",
    ),
}  # fmt: skip


def systems(town: Derived) -> dict[str, str]:
    """Give the systems of the town whose accounts are wanted, by name: the kind of each."""
    commune = town.commune
    if commune is None:
        return {}
    there = {
        "prism": commune["hosting"],
        "zabbix": commune["supervision"],
        "glpi": commune["glpi"],
        "veeam": [store for store in commune["protection"]["stores"] if store["reader"] == "veeam"],
        "nut": [ups for site in town.sites.values() for ups in site["premises"]["ups"]],
    }
    known = {kind: kind for kind in SOURCES if kind not in ("server", "nexus") and there.get(kind, True)}
    known |= {switch["name"]: "nexus" for switch in commune["nexus"]["switches"]}
    return known | dict.fromkeys(servers(town), "server")


def servers(town: Derived) -> list[str]:
    """Name the Windows servers whose own administrators are read."""
    commune = town.commune
    if commune is None:
        return []
    admitting = commune["access"]["servers"] if commune["access"] else []
    printing = [commune["print_accounting"]["server"]] if commune["print_accounting"] else []
    lending = [server["name"] for server in commune["dhcp"]["servers"]]
    return [*dict.fromkeys([*admitting, *printing, *lending, *commune["dns"]["servers"]])]
