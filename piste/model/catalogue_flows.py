"""The rules of the matrix of flows, as `piste.model.catalogue` has the others."""

from __future__ import annotations

from .rule import Rule

FLOW_RULES: dict[str, Rule] = {
    "PISTE-M100": Rule(
        "Service connu",
        "Un service se déclare d'abord au catalogue (service_catalogue).",
        "Corrigez le nom, ou ajoutez le service au catalogue.",
    ),
    "PISTE-M101": Rule(
        "Bout de flux connu",
        "Un flux vers rien ne protège ni n'ouvre rien, et laisse croire le contraire.",
        "Nommez un segment, un serveur, un lieu (flow_places) ou un groupe (flow_groups) déclarés.",
    ),
    "PISTE-M102": Rule(
        "Groupe sans cycle",
        "Un groupe qui se contient n'a pas de membres que l'on puisse énumérer ; le pare-feu le refuserait.",
        "Retirez l'un des groupes de la boucle.",
    ),
    "PISTE-M103": Rule(
        "Flux à terme",
        "Un flux cesse le lendemain de sa date de fin : sa règle est retirée au prochain passage.",
        "Retirez le flux, ou donnez-lui une nouvelle fin.",
        severity="warning",
    ),
    "PISTE-M104": Rule(
        "Jamais de tous vers tous",
        "Une règle de toute la ville vers toute la ville défait le filtrage entre segments (CCTP 3.3.1).",
        "Restreignez le flux ; s'il est vraiment nécessaire, dites pourquoi (wide) et jusqu'à quand (until).",
    ),
    "PISTE-M105": Rule(
        "Règle masquée",
        "Une règle que d'autres recouvrent ne sert à rien, et trompe qui la lit ou la retire.",
        "Retirez le flux, ou restreignez celui qui le masque.",
    ),
    "PISTE-M106": Rule(
        "Traductions distinctes",
        "De deux traductions pour un même trafic, la première seule vaut, selon leur ordre.",
        "Restreignez l'une des deux, ou placez la publication avant la sortie qui prendrait son trafic.",
    ),
    "PISTE-M107": Rule(
        "Segments isolés",
        "Invités, public, pédagogique et voisins n'atteignent rien de la ville qui ne soit dit (CCTP 3.3.3, 3.6).",
        "Restreignez le flux ; hors des invités, dites sinon pourquoi il traverse (exception).",
    ),
    "PISTE-M108": Rule(
        "Flux unique",
        "L'identifiant d'un flux marque sa règle sur le pare-feu : deux flux s'y confondraient.",
        "Donnez-lui un autre identifiant.",
    ),
    "PISTE-M109": Rule(
        "Nom sans ambiguïté",
        "Un bout de flux n'est qu'un nom : il ne peut pas désigner deux choses.",
        "Donnez un autre nom au lieu, au groupe ou au service.",
    ),
    "PISTE-M110": Rule(
        "Flux sans effet",
        "Rien de ce que le flux nomme n'est sur un site ouvert : il n'a pas de règle.",
        "Retirez le flux, ou attendez l'ouverture du site.",
        severity="warning",
    ),
    "PISTE-M111": Rule(
        "Piste joint ce qu'il pilote",
        "Une politique qui enferme Piste dehors, une fois installée, ne se défait plus d'ici.",
        "Dites où répond le système et d'où Piste tourne (administration.yml), ou retirez ce qui détourne le flux.",
    ),
    "PISTE-M112": Rule(
        "Populations desservies",
        "Un poste sans chemin vers son domaine n'applique aucune stratégie, sans adresse ne fait rien ; un équipement "
        "sans RADIUS n'admet personne.",
        "Ouvrez le flux vers ces seuls serveurs ; d'un segment isolé, dites pourquoi il traverse (exception).",
    ),
    "PISTE-M113": Rule(
        "SNMP éteint, SNMP ouvert",
        "Un flux ouvert vers des équipements dont le SNMP est éteint ne relève rien, et laisse croire le contraire.",
        "Retirez le SNMP du flux, ou menez-le vers ce qui y répond ; network_settings.snmp dit ce qui est éteint.",
    ),
}
