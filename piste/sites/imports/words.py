"""The words of other inventories: classes, states, headers whose cells name people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from piste.town.model.assets.classes import CLASSES, COMPUTERS, STATES


def folded(text: str) -> str:
    """Fold a word: small letters without accents, a space between words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


_PERSONAL = ("utilisateur", "user", "agent", "personne", "proprietaire", "owner", "usager", "mail", "email", "prenom")
"""Words of a header whose cells name people: they are not read."""
_CLASSES: Mapping[str, tuple[str, str]] = {
    "pc": ("computer", "desktop"), "poste": ("computer", "desktop"), "poste fixe": ("computer", "desktop"),
    "ordinateur": ("computer", "desktop"), "ordinateur portable": ("computer", "laptop"),
    "portable": ("computer", "laptop"), "laptop": ("computer", "laptop"), "notebook": ("computer", "laptop"),
    "client leger": ("computer", "thin_client"), "thin client": ("computer", "thin_client"),
    "mac": ("computer", "mac"), "imac": ("computer", "mac"), "macbook": ("computer", "mac"),
    "copieur": ("printer", "copier"), "mfp": ("printer", "copier"), "multifonction": ("printer", "copier"),
    "imprimante": ("printer", "printer"), "telephone": ("phone", ""), "telephone ip": ("phone", ""),
    "smartphone": ("mobile", ""), "tablette": ("mobile", ""), "mobile": ("mobile", ""),
    "tbi": ("interactive_board", ""), "tni": ("interactive_board", ""), "serveur": ("server", ""),
    "tableau interactif": ("interactive_board", ""),
    "onduleur": ("ups", ""), "commutateur": ("switch", ""), "borne": ("access_point", ""),
    "pare feu": ("firewall", ""),
}  # fmt: skip
_STATES: Mapping[str, str] = {
    **{folded(words): state for state, words in STATES.items()},
    **{folded(state): state for state in STATES},
    "actif": "in_service", "utilise": "in_service", "production": "in_service", "commande": "awaited",
    "reserve": "stock", "reforme": "retired", "rebut": "retired", "reemploi": "reuse",
}  # fmt: skip


def is_personal(header: str) -> bool:
    return any(word in folded(header).split() for word in _PERSONAL)


def class_of(text: str) -> tuple[str, str] | None:
    """Give the class and the variant that a word means."""
    word = folded(text)
    if (key := word.replace(" ", "_")) in CLASSES:
        return key, ""
    if key in COMPUTERS:
        return "computer", key
    return _CLASSES.get(word) or _CLASSES.get(word.removesuffix("s"))


def state_of(text: str) -> str:
    """Give the state that a word means; the word itself where it is not known."""
    return _STATES.get(folded(text), text)
