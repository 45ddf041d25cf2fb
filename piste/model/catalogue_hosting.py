"""The semantic rules of the hosting; see `piste.model.catalogue`."""

from __future__ import annotations

from .rule import Rule

HOSTING_RULES: dict[str, Rule] = {
    "PISTE-M130": Rule(
        "Machine faite de ce qui est déclaré",
        "Un environnement, un segment, une image ou un horaire inconnu ne donne rien à la machine.",
        "Déclarez-le dans group_vars/all/hosting.yml, ou corrigez son nom.",
    ),
    "PISTE-M131": Rule(
        "Adresse réservée à la machine",
        "La réservation donne à la machine son adresse, son sous-réseau et son VLAN.",
        "Ajoutez une réservation à son nom au segment, dans host_vars du site de la grappe.",
    ),
    "PISTE-M132": Rule(
        "Place sur la grappe, un nœud perdu",
        "Ce qui ne tient plus quand un nœud est perdu ne redémarre pas sur les autres.",
        "Réduisez une machine, ou déclarez le nœud ajouté.",
    ),
    "PISTE-M133": Rule(
        "Aucun horaire en production",
        "Une machine de production arrêtée la nuit est un service coupé.",
        "Retirez son horaire, ou corrigez son environnement.",
    ),
    "PISTE-M134": Rule(
        "Machine à garder ou à supprimer",
        "Une machine ne peut pas être à la fois déclarée et à supprimer.",
        "Retirez-la de hosting_machines, ou de hosting_retired.",
    ),
    "PISTE-M135": Rule(
        "Horaire qui décide seul",
        "Une machine que ses horaires arrêtent et que sa déclaration allume change d'état à chaque exécution.",
        "Retirez « power » de la machine, ou son horaire ; déclarez le calendrier (group_vars/all/calendar.yml).",
    ),
}
