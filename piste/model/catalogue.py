"""The rules of the model: one entry an id, in one table.

The texts are read by the town's engineers (documentation, `piste validate`). The rules of files and forms
(M001 to M009, M020 to M022) are applied while reading; the others are functions of `piste.model.checks`.
"""

from __future__ import annotations

from .catalogue_flows import FLOW_RULES
from .catalogue_hosting import HOSTING_RULES
from .catalogue_premises import PREMISES_RULES
from .catalogue_printing import PRINTING_RULES
from .catalogue_sobriety import SOBRIETY_RULES
from .rule import Rule

__all__ = ["RULES", "Rule"]

RULES: dict[str, Rule] = {
    # Files and forms
    "PISTE-M001": Rule(
        "Fichier illisible",
        "Un fichier absent ou qui n'est pas du YAML ne peut pas être contrôlé.",
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
        "Un secret n'est jamais écrit dans le dépôt : il y resterait dans l'historique.",
        "Écrivez une référence {secret: chemin/du/secret}, rangez la valeur dans le coffre de "
        "l'environnement, et changez-la si elle a été partagée.",
    ),
    "PISTE-M005": Rule(
        "Clé inconnue",
        "Une clé inconnue serait ignorée en silence.",
        "Corrigez le nom de la clé, ou retirez-la.",
    ),
    "PISTE-M006": Rule(
        "Clé manquante",
        "Sans elle, rien ne peut être déduit de l'objet.",
        "Ajoutez la clé.",
    ),
    "PISTE-M007": Rule(
        "Valeur refusée",
        "La valeur n'a pas le type, la forme ou l'une des valeurs attendus.",
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
        "Un caractère de contrôle, de sens d'écriture ou sans largeur fait lire autre chose que ce qui est écrit.",
        "Retapez le texte, sans le copier d'ailleurs.",
    ),
    # Addressing
    "PISTE-M010": Rule(
        "Numéro de site unique",
        "Le numéro donne le bloc d'adresses et les VLAN du site.",
        "Donnez au site un numéro libre.",
    ),
    "PISTE-M011": Rule(
        "Sous-réseau dans le bloc du site",
        "Hors de son bloc, un sous-réseau échappe au routage et au filtrage du site.",
        "Choisissez une plage dans le bloc du site.",
    ),
    "PISTE-M012": Rule(
        "Sous-réseaux sans chevauchement",
        "Deux segments sur les mêmes adresses ne peuvent pas être routés.",
        "Donnez-leur des plages distinctes.",
    ),
    "PISTE-M013": Rule(
        "VLAN unique dans la ville",
        "Un VLAN peut être porté jusqu'au cœur par la fibre : deux segments y seraient confondus.",
        "Donnez-leur des numéros distincts.",
    ),
    "PISTE-M014": Rule(
        "Passerelle dans le sous-réseau",
        "Une passerelle hors du sous-réseau est inaccessible aux machines.",
        "Choisissez une adresse de machine du sous-réseau.",
    ),
    "PISTE-M015": Rule(
        "Plage DHCP dans le sous-réseau",
        "Le serveur DHCP refuserait la plage, ou distribuerait des adresses injoignables.",
        "Déclarez pour ce segment une plage dhcp: {first: …, last: …} qui tient dans le sous-réseau.",
    ),
    "PISTE-M016": Rule(
        "Adresse fixe dans le sous-réseau",
        "Une réservation ou un équipement hors de son segment est injoignable.",
        "Choisissez un rang qui tient dans le sous-réseau et dans la plage prévue.",
    ),
    "PISTE-M017": Rule(
        "Adresses sans collision",
        "Deux machines à la même adresse se coupent l'une l'autre.",
        "Donnez une autre adresse à l'une des deux.",
    ),
    # Inventory and identity
    "PISTE-M020": Rule(
        "Hôte sans déclaration",
        "Un hôte de l'inventaire sans host_vars n'a ni numéro, ni nom, ni équipement.",
        "Créez le fichier, ou retirez l'hôte de hosts.yml.",
    ),
    "PISTE-M021": Rule(
        "Déclaration sans hôte",
        "Ansible ignorerait ce fichier en silence.",
        "Ajoutez l'hôte ou le groupe à hosts.yml, ou retirez le fichier.",
    ),
    "PISTE-M022": Rule(
        "Une catégorie par site",
        "La catégorie donne au site ses segments, ses SSID et ses ports.",
        "Rangez le site dans un groupe et un seul, sous « sites ».",
    ),
    "PISTE-M023": Rule(
        "Code de site unique",
        "Le code forme le nom des équipements.",
        "Donnez au site un code court que nul autre ne porte.",
    ),
    "PISTE-M024": Rule(
        "Numéro de série unique",
        "Un équipement n'est qu'à un endroit.",
        "Retirez l'équipement du site où il n'est plus.",
    ),
    "PISTE-M025": Rule(
        "Nom d'équipement unique",
        "Le nom désigne l'équipement pour les exploitants.",
        "Donnez des rangs distincts (rank).",
    ),
    "PISTE-M026": Rule(
        "Nom court",
        "La règle de nommage limite la longueur des noms.",
        "Raccourcissez le code du site ou le préfixe.",
    ),
    "PISTE-M027": Rule(
        "Interconnexion déclarée",
        "Le voisin n'est vu qu'à travers un segment d'un site, aux deux bouts distincts.",
        "Désignez un site et un segment déclarés, et deux adresses distinctes du sous-réseau.",
    ),
    # References
    "PISTE-M030": Rule(
        "Segment connu",
        "Un segment se déclare d'abord au catalogue (segment_catalogue).",
        "Corrigez le nom, ou ajoutez le segment au catalogue.",
    ),
    "PISTE-M031": Rule(
        "SSID connu",
        "Un SSID se déclare d'abord au catalogue (ssid_catalogue).",
        "Corrigez le nom, ou ajoutez le SSID au catalogue.",
    ),
    "PISTE-M032": Rule(
        "Profil de port connu",
        "Un port prend un profil du catalogue (port_profiles).",
        "Corrigez le nom, ou ajoutez le profil au catalogue.",
    ),
    "PISTE-M033": Rule(
        "Modèle connu",
        "Le modèle donne la nature de l'équipement et ses ports (hardware).",
        "Corrigez le nom, ou ajoutez le modèle au catalogue.",
    ),
    "PISTE-M034": Rule(
        "Politique d'accès connue",
        "Un profil de port désigne une politique du catalogue (access_policies).",
        "Corrigez le nom, ou ajoutez la politique au catalogue.",
    ),
    "PISTE-M035": Rule(
        "Serveur connu",
        "Un serveur se désigne par le nom de sa réservation d'adresse.",
        "Corrigez le nom, ou ajoutez la réservation au segment qui le porte.",
    ),
    # Ports
    "PISTE-M040": Rule(
        "Port présent sur le modèle",
        "Le système refuserait un port que le modèle n'a pas.",
        "Corrigez le numéro, ou le nombre de ports du modèle.",
    ),
    "PISTE-M041": Rule(
        "Port attribué une fois",
        "De deux profils pour un même port, on ne saurait lequel appliquer.",
        "Gardez le port dans une seule plage.",
    ),
    "PISTE-M042": Rule(
        "Accès ou trunk, cohérent",
        "Voix, isolement des utilisateurs et politique d'accès vont aux ports d'accès ; "
        "les VLAN autorisés aux trunks ; une liaison ne déclare rien de tout cela.",
        "Retirez le champ, ou changez le mode du profil.",
    ),
    "PISTE-M043": Rule(
        "Segment du port présent sur le site",
        "Un port ne peut pas être mis sur un VLAN que le site n'a pas.",
        "Ajoutez le segment au site, ou donnez un autre profil au port.",
    ),
    "PISTE-M044": Rule(
        "Port éteint hors horaires sans danger",
        "Éteindre une liaison coupe ce qui la suit ; un téléphone éteint n'appelle plus les secours.",
        "Retirez outside_hours du profil ; pour des téléphones, dites pourquoi ils s'en passent (outside_hours_why).",
    ),
    "PISTE-M045": Rule(
        "Puissance réduite déclarée",
        "Une borne ne peut pas émettre à une puissance que personne n'a choisie.",
        "Déclarez reduced_power dans group_vars/all, ou retirez le levier qui abaisse la puissance.",
    ),
    "PISTE-M046": Rule(
        "Port éteint, appareil éteint",
        "Un commutateur qui n'alimente pas ses ports coupe le lien, et l'appareil reste allumé : rien n'est économisé.",
        "Relevez la variante du modèle (hardware, poe), ou dispensez le site du levier (spared).",
        "warning",
    ),
    # Wi-Fi
    "PISTE-M050": Rule(
        "Segment du SSID présent sur le site",
        "Un SSID ne peut pas déposer ses clients sur un VLAN que le site n'a pas.",
        "Ajoutez le segment au site, ou retirez-lui le SSID.",
    ),
    "PISTE-M051": Rule(
        "Portail captif si et seulement si invités",
        "Le portail captif est réservé aux invités (CCTP 3.3.3), et tout accès invité y passe.",
        "Retirez le portail du SSID interne, ou donnez-en un au SSID invité.",
    ),
    "PISTE-M052": Rule(
        "Jamais d'invités dans un segment interne",
        "Les flux des invités sont isolés du réseau interne (CCTP 3.3.3).",
        "Mettez le SSID dans un segment de zone invite ou public.",
    ),
    "PISTE-M053": Rule(
        "Wi-Fi pédagogique distinct",
        "Le Wi-Fi pédagogique est distinct et filtré (CCTP 3.6.2) : ni SSID ni segment partagés.",
        "Mettez le SSID pédagogique, et lui seul, dans un segment de zone pedagogique.",
    ),
    "PISTE-M054": Rule(
        "Quatre SSID au plus par borne",
        "Chaque SSID diffusé prend du temps d'antenne à tous les autres.",
        "Retirez un SSID, ou limitez-le à certaines bornes par une étiquette (tags).",
    ),
    "PISTE-M055": Rule(
        "Emplacement de SSID unique",
        "Un réseau a quinze emplacements, de 0 à 14, un par SSID.",
        "Donnez-lui un emplacement libre.",
    ),
    "PISTE-M056": Rule(
        "SSID interne dans un segment interne",
        "Un poste interne n'a rien à faire parmi les invités ou les postes en libre accès.",
        "Mettez le SSID dans un segment de zone interne, ou changez son audience.",
    ),
    "PISTE-M057": Rule(
        "SSID retiré",
        "Un SSID à éteindre ne peut pas aussi être à diffuser.",
        "Retirez le nom de retired_ssids, ou du catalogue.",
    ),
    "PISTE-M058": Rule(
        "Isolement des invités complet",
        "Ce que les invités n'atteignent pas doit couvrir toutes les adresses de la ville.",
        "Ajoutez la plage de la ville à guest_isolation.deny.",
    ),
    "PISTE-M059": Rule(
        "SSID que nulle borne ne diffuse",
        "Le SSID est déclaré, mais aucune borne du site ne porte son étiquette.",
        "Ajoutez l'étiquette à une borne, ou retirez le SSID du site.",
        "warning",
    ),
    # 802.1X
    "PISTE-M060": Rule(
        "802.1X seulement avec RADIUS",
        "Sans serveur RADIUS, nul ne pourrait plus se connecter.",
        'Déclarez les serveurs RADIUS, ou laissez le 802.1X du site à "off".',
    ),
    "PISTE-M061": Rule(
        "VLAN d'une politique d'accès présent sur le site",
        "La politique enverrait les postes sur un VLAN que le site n'a pas.",
        "Ajoutez le segment au site, ou retirez-le de la politique.",
    ),
    "PISTE-M062": Rule(
        "Repli sans changement de zone",
        "Quand RADIUS ne répond pas, un port ne doit pas passer dans une zone plus ouverte que la sienne.",
        "Donnez au profil une politique dont les VLAN de repli restent dans sa zone ou chez les invités.",
    ),
    "PISTE-M063": Rule(
        "Pilote sans équipement",
        "Le site est en pilote, mais aucun commutateur n'est marqué dot1x: true : le filaire reste ouvert.",
        'Marquez un commutateur, ou laissez le site à "off".',
        "warning",
    ),
    "PISTE-M064": Rule(
        "VLAN d'une admission présent sur le site",
        "Une politique réseau ou une exception enverrait l'équipement sur un VLAN que le site n'a pas.",
        "Ajoutez le segment au site, ou nommez-en un qu'il a.",
    ),
    "PISTE-M065": Rule(
        "Site d'une politique réseau connu",
        "Une politique réseau ne vaut que pour des sites déclarés.",
        "Corrigez le nom du site.",
    ),
    "PISTE-M066": Rule(
        "Adresse MAC admise une fois",
        "D'une adresse MAC admise à deux endroits, l'une est une erreur, ou l'équipement a été copié.",
        "Retirez l'exception du site où l'équipement n'est plus.",
    ),
    "PISTE-M067": Rule(
        "802.1X imposé seulement là où tout est prêt",
        "Imposé sans client RADIUS, sans politique réseau ou sans profil sur les postes, le 802.1X couperait le site.",
        "Complétez ce qui manque, ou laissez le site à pilot.",
    ),
    "PISTE-M068": Rule(
        "Exception échue",
        "L'équipement n'est plus admis par son adresse MAC depuis la fin de ce jour.",
        "Retirez l'exception, ou décidez d'une nouvelle date (until).",
        "warning",
    ),
    "PISTE-M069": Rule(
        "802.1X imposé seulement après un essai réussi",
        "Tant qu'aucun échange EAP du site n'a réussi sur chaque serveur, imposer le 802.1X est un pari.",
        "Lancez « piste verify <site> » dans cet environnement : un essai réussi s'y inscrit. Sinon, laissez le site à "
        "pilot.",
    ),
    # Changes
    "PISTE-M070": Rule(
        "Fenêtre de changement hors des heures d'ouverture",
        "Un changement peut couper le réseau du site : la fenêtre empiète sur l'accueil du public.",
        "Changez les jours ou les heures de la fenêtre, pour la ville, la catégorie ou le site.",
        "warning",
    ),
    # Directory
    "PISTE-M080": Rule(
        "Groupe déclaré",
        "Une stratégie qu'un groupe inconnu doit appliquer ne s'applique à personne.",
        "Déclarez le groupe dans directory_groups, ou corrigez son nom.",
    ),
    "PISTE-M081": Rule(
        "Stratégie déclarée",
        "Un lien vers une stratégie que rien ne déclare ne fait rien.",
        "Déclarez la stratégie dans directory_policies, ou corrigez son nom.",
    ),
    "PISTE-M082": Rule(
        "Filtre WMI déclaré",
        "Une stratégie dont le filtre manque ne s'applique à personne.",
        "Déclarez le filtre dans directory_wmi_filters, ou corrigez son nom.",
    ),
    "PISTE-M083": Rule(
        "Un seul rang par stratégie",
        "Liée deux fois pour les mêmes postes, une stratégie a deux rangs : on ne sait plus laquelle l'emporte.",
        "Gardez un seul des deux liens.",
    ),
    "PISTE-M084": Rule(
        "Veille en moins de 15 minutes",
        "Le marché exige une mise en veille en moins de 15 minutes, strictement (CCTP 4.4.6) ; 0 veut dire jamais.",
        "Donnez de 1 à 899 secondes, 600 par exemple.",
    ),
    "PISTE-M085": Rule(
        "Serveurs RADIUS reconnus",
        "Un poste dont le profil 802.1X ne nomme pas ses serveurs remet ses secrets au premier venu.",
        "Nommez chaque serveur comme son certificat : hdv-nps1.ad.ville.example.",
    ),
    "PISTE-M086": Rule(
        "Lieu de la ville",
        "La ville lie ses stratégies à ses unités et à celles des catégories ; celles d'un site sont au site.",
        "Corrigez le chemin de l'unité.",
    ),
    "PISTE-M087": Rule(
        "Réglage de stratégie connu",
        "Un réglage mal nommé ou une valeur qu'il ne prend pas n'aurait aucun effet sur les postes.",
        "Corrigez le nom ou la valeur (docs/strategies.md les donne).",
    ),
    "PISTE-M088": Rule(
        "Arrêt averti avant la veille",
        "Un poste qui s'endort pendant l'avertissement ne s'éteint pas.",
        "Raccourcissez warning_min, ou allongez la veille.",
    ),
    **FLOW_RULES,
    **HOSTING_RULES,
    **PREMISES_RULES,
    **PRINTING_RULES,
    **SOBRIETY_RULES,
}
