"""The semantic rules of digital sobriety; see `piste.model.catalogue`."""

from __future__ import annotations

from .rule import Rule

SOBRIETY_RULES: dict[str, Rule] = {
    "PISTE-M160": Rule(
        "Nom connu des leviers de sobriété",
        "Un pas, une exception ou une dépendance qui vise un levier, un site ou une machine inconnus ne fait rien.",
        "Corrigez le nom, ou déclarez ce qu'il désigne.",
    ),
    "PISTE-M161": Rule(
        "Un seul levier par réglage",
        "De deux leviers qui tournent le même réglage, on ne saurait lequel décide.",
        "Gardez un seul des deux.",
    ),
    "PISTE-M162": Rule(
        "Pas de sobriété dans l'ordre",
        "Diagnostic, information, pilote, observation, généralisation : ce qui touche les agents est annoncé, puis "
        "observé (CCTP 4.4.7).",
        "Inscrivez les pas dans l'ordre (piste sobriety apply le fait) ; un pas sans observation dit qui l'a décidé "
        "et pourquoi (decided).",
    ),
    "PISTE-M163": Rule(
        "Levier seulement pour qui y est éligible",
        "Un levier hors des heures d'ouverture demande des heures, et ne vise ni un service continu ni un site qui en "
        "est dispensé.",
        "Déclarez les heures du site, dispensez-le du levier avec la raison (spared), ou justifiez-le (justified).",
    ),
    "PISTE-M164": Rule(
        "Exception de sobriété échue",
        "Le site suit de nouveau ses leviers depuis la fin de ce jour.",
        "Retirez l'exception, ou décidez d'une nouvelle date (until).",
        severity="warning",
    ),
}
