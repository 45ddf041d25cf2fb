"""Titles of the requirements that tests cite, and the section of the tender of each (CCTP)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from piste.engine.words import NO_BREAK


class Requirement(NamedTuple):
    title: str
    cctp: str


REQUIREMENTS: Mapping[str, Requirement] = {
    "F12": Requirement("Journaux gardés douze mois", "3.2.5"),
    "F14": Requirement("Sauvegardes en 3-2-1", "3.2.4"),
    "F15": Requirement("Restaurations prouvées", "3.2.4"),
    "F16": Requirement("Certificats sans interruption", "3.5.2.4"),
    "R003": Requirement("Cartographie et matrice des flux", "2.5"),
    "R006": Requirement("Accès selon les publics", "3.1"),
    "R010": Requirement("Grappe de virtualisation", "3.2.1"),
    "R012": Requirement("Annuaire, DNS, DHCP et partages", "3.2.1"),
    "R013": Requirement("Clients légers, site par site", "3.2.2"),
    "R014": Requirement("Groupes et stratégies de l’annuaire", "3.2.3"),
    "R016": Requirement("Politique de sauvegarde", "3.2.4"),
    "R017": Requirement("Tests de restauration", "3.2.4"),
    "R018": Requirement("Délais et pertes admis à la reprise", "3.2.4"),
    "R019": Requirement("Pare-feu et son administration", "3.2.5"),
    "R023": Requirement("Journaux gardés douze mois", "3.2.5"),
    "R030": Requirement("VLAN et filtrage entre segments", "3.3.1"),
    "R031": Requirement("Commutateurs et cœur de réseau", "3.3.1"),
    "R032": Requirement("Liaisons entre les sites", "3.3.2"),
    "R033": Requirement("Réseaux Wi-Fi recensés", "3.3.3"),
    "R034": Requirement("Usages internes en 802.1X", "3.3.3"),
    "R035": Requirement("Portail réservé aux invités", "3.3.3"),
    "R036": Requirement("Isolement et journaux des invités", "3.3.3"),
    "R037": Requirement("802.1X sur le filaire", "3.3.3"),
    "R039": Requirement("Onduleurs", "3.4"),
    "R040": Requirement("Réception et raccordement du matériel", "3.4.1"),
    "R048": Requirement("Certificats", "3.5.2.4"),
    "R053": Requirement("Isolement entre réseaux internes et invités", "3.6"),
    "R055": Requirement("Supervision de tous les actifs", "3.6"),
    "R056": Requirement("Restauration des postes types", "3.6"),
    "R057": Requirement("Conservation des journaux des accès publics", "3.6"),
    "R062": Requirement("Sites culturels", "3.6.3"),
    "R063": Requirement("Sites sportifs", "3.6.4"),
    "R065": Requirement("Police municipale", "3.6.6"),
    "R067": Requirement("Recette de chaque site", "3.6.7"),
    "R072": Requirement("Déploiement des clients légers par lot", "4.1.3"),
    "R083": Requirement("Maintenance préventive", "4.2.3"),
    "R088": Requirement("Exploitation du Wi-Fi", "4.2.6"),
    "R109": Requirement("Impression sobre", "4.4.4"),
    "R110": Requirement("Wi-Fi réduit hors des heures d’ouverture", "4.4.4"),
    "R135": Requirement("Certificats, clés et coffre remis", "6.2"),
    "R143": Requirement("Restaurations témoins", "6.3"),
    "R149": Requirement("Interfaces critiques éprouvées de bout en bout", "6.6"),
}


def named(name: str) -> str:
    """Write a requirement with its title, or a section of the tender; another name stays."""
    known = REQUIREMENTS.get(name)
    if name[:1].isdigit():
        return f"CCTP{NO_BREAK}{name}"
    return f"{name} – {known.title} (CCTP{NO_BREAK}{known.cctp})" if known else name
