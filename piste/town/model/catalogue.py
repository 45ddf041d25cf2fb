"""The rules of the model: one table, by id.

Each subject gives its own rules; the rules of files and forms are here. The town's engineers read the texts
(documentation, `piste validate`).
"""

from __future__ import annotations

from collections import Counter

from . import (
    access,
    accounts,
    admission,
    applications,
    certificates,
    changes,
    computer_measures,
    configurations,
    contracts,
    devices,
    equipment,
    firmware,
    identity,
    outside_hours,
    ports,
    premises,
    print_accounting,
    printing,
    restores,
    review,
    servers,
    storage,
    third_parties,
)
from .addressing import rules as addressing_rules
from .assets import rules as asset_rules
from .dhcp import rules as dhcp_rules
from .directory import rules as directory_rules
from .flows import rules as flow_rules
from .hosting import recovery_rules
from .hosting import rules as hosting_rules
from .layer2 import answering
from .layer2 import rules as layer2_rules
from .life import rules as life_rules
from .logs import rules as log_rules
from .lots import rules as lots_rules
from .lots import scenario as lots_scenario
from .names import rules as name_rules
from .nexus import rules as nexus_rules
from .protection import rules as protection_rules
from .routing import rules as routing_rules
from .rule import Rule
from .sobriety import autostart
from .sobriety import reporting as sobriety_reporting
from .sobriety import rules as sobriety_rules
from .wifi import rules as wifi_rules

_READING: dict[str, Rule] = {
    "PISTE-M001": Rule(
        "Fichier illisible",
        "Un fichier absent ou qui n’est pas du YAML ne peut pas être contrôlé.",
        "Corrigez la syntaxe à la ligne indiquée.",
    ),
    "PISTE-M002": Rule(
        "Clé en double",
        "De deux valeurs pour une même clé, une seule serait appliquée, sans que rien ne le dise.",
        "Gardez une seule des deux déclarations.",
    ),
    "PISTE-M003": Rule(
        "YAML simple",
        "La déclaration se lit sans Ansible : ni expression Jinja, ni étiquette, ni ancre.",
        "Écrivez la valeur elle-même.",
    ),
    "PISTE-M004": Rule(
        "Secret en clair",
        "Un secret n’est jamais écrit dans le dépôt : il y resterait dans l’historique.",
        "Écrivez une référence {secret: chemin/du/secret}, rangez la valeur dans le coffre de "
        "l’environnement, et changez-la si elle a été partagée.",
    ),
    "PISTE-M005": Rule(
        "Clé inconnue",
        "Une clé inconnue serait ignorée en silence.",
        "Corrigez le nom de la clé, ou retirez-la.",
    ),
    "PISTE-M006": Rule(
        "Clé manquante",
        "Sans elle, rien ne peut être déduit de l’objet.",
        "Ajoutez la clé.",
    ),
    "PISTE-M007": Rule(
        "Valeur refusée",
        "La valeur n’a pas le type, la forme ou l’une des valeurs attendus.",
        "Corrigez la valeur.",
    ),
    "PISTE-M008": Rule(
        "Variable au mauvais endroit",
        "Chaque chose se déclare à un seul endroit : la ville, la catégorie ou le site.",
        "Déplacez la variable.",
    ),
    "PISTE-M009": Rule(
        "Modèle de données",
        "« piste_model » prouve que group_vars est lu et dans la version que Piste connaît.",
        "Vérifiez que inventories/town/group_vars est bien un lien symbolique vers ../../group_vars.",
    ),
    "PISTE-M018": Rule(
        "Texte visible",
        "Un caractère de contrôle, de sens d’écriture ou sans largeur fait lire autre chose que ce qui est écrit.",
        "Retapez le texte, sans le copier d’ailleurs.",
    ),
    "PISTE-M020": Rule(
        "Hôte sans déclaration",
        "Un hôte de l’inventaire sans host_vars n’a ni numéro, ni nom, ni équipement.",
        "Créez le fichier, ou retirez l’hôte de hosts.yml.",
    ),
    "PISTE-M021": Rule(
        "Déclaration sans hôte",
        "Ansible ignorerait ce fichier en silence.",
        "Ajoutez l’hôte ou le groupe à hosts.yml, ou retirez le fichier.",
    ),
    "PISTE-M022": Rule(
        "Une catégorie par site",
        "La catégorie donne au site ses segments, ses SSID et ses ports.",
        "Rangez le site dans un groupe et un seul, sous « sites ».",
    ),
}
"""Rules that reading applies, before any subject."""

_SUBJECTS = (
    addressing_rules.RULES,
    identity.RULES,
    servers.RULES,
    devices.RULES,
    firmware.RULES,
    wifi_rules.RULES,
    ports.RULES,
    access.RULES,
    outside_hours.RULES,
    admission.RULES,
    changes.RULES,
    directory_rules.RULES,
    flow_rules.RULES,
    hosting_rules.RULES,
    log_rules.RULES,
    recovery_rules.RULES,
    lots_rules.RULES,
    lots_scenario.RULES,
    life_rules.RULES,
    nexus_rules.RULES,
    print_accounting.RULES,
    printing.RULES,
    protection_rules.RULES,
    certificates.RULES,
    configurations.RULES,
    storage.RULES,
    computer_measures.RULES,
    third_parties.RULES,
    contracts.RULES,
    applications.RULES,
    accounts.RULES,
    premises.RULES,
    equipment.RULES,
    asset_rules.RULES,
    restores.RULES,
    review.RULES,
    sobriety_rules.RULES,
    sobriety_reporting.RULES,
    autostart.RULES,
    routing_rules.RULES,
    dhcp_rules.RULES,
    name_rules.RULES,
    layer2_rules.RULES,
    answering.RULES,
)

if twice := [name for name, count in Counter(name for rules in _SUBJECTS for name in rules).items() if count > 1]:
    raise ValueError(f"piste/town/model: rules declared twice: {', '.join(twice)}")

RULES: dict[str, Rule] = dict(
    sorted((_READING | {name: rule for rules in _SUBJECTS for name, rule in rules.items()}).items())
)
