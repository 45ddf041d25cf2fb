"""The semantic rules of printing; see `piste.model.catalogue`."""

from __future__ import annotations

from .rule import Rule

PRINTING_RULES: dict[str, Rule] = {
    "PISTE-M140": Rule(
        "File d'impression du site",
        "Le nom d'une file dit à quel site elle est : Piste ne touche que celles du sien.",
        "Nommez la file imp-<code>-…, sur le serveur et ici, ou déclarez-la dans son site.",
    ),
    "PISTE-M141": Rule(
        "Exception d'impression motivée",
        "Recto verso et noir et blanc sont la règle : une file ne s'en écarte que pour une raison, et pour un temps.",
        "Dites pourquoi (why) et jusqu'à quel jour (until), ou retirez duplexing et color.",
    ),
    "PISTE-M142": Rule(
        "Exception d'impression échue",
        "La file suit de nouveau la règle de la ville depuis la fin de ce jour.",
        "Retirez l'exception, ou décidez d'une nouvelle date (until).",
        severity="warning",
    ),
}
