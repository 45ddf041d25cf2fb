"""The words of other inventories: headers, classes, states, forms of days and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from piste.model.assets.classes import CLASSES, COMPUTERS, STATES
from piste.model.assets.form import COLUMNS

KIND = "class"
"""The column that gives the class of a line."""


def folded(text: str) -> str:
    """Fold a word: small letters without accents, a space between words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


_HEADERS: Mapping[str, str] = {
    "class": KIND, "classe": KIND, "type": KIND, "categorie": KIND, "kind": KIND, "nature": KIND,
    "nom": "name", "hostname": "name", "nom du poste": "name", "nom de l ordinateur": "name", "designation": "name",
    "computer name": "name", "nom machine": "name", "nom d hote": "name",
    "variante": "variant", "sous type": "variant",
    "numero de serie": "serial", "n de serie": "serial", "no de serie": "serial", "n serie": "serial", "sn": "serial",
    "s n": "serial", "serial number": "serial", "service tag": "serial", "num serie": "serial", "serie": "serial",
    "fabricant": "maker", "constructeur": "maker", "marque": "maker", "manufacturer": "maker", "vendor": "maker",
    "modele": "model", "reference": "model", "product": "model",
    "lieu": "site", "localisation": "site", "location": "site", "batiment": "site",
    "local": "place", "piece": "place", "salle": "place", "bureau": "place", "room": "place", "baie": "place",
    "affectation": "assigned_to", "service": "assigned_to", "direction": "assigned_to", "department": "assigned_to",
    "statut": "state", "etat": "state", "cycle de vie": "state",
    "garantie": "warranty_until", "fin de garantie": "warranty_until", "garantie jusqu au": "warranty_until",
    "warranty end": "warranty_until", "warranty": "warranty_until", "date fin garantie": "warranty_until",
    "fin de vie": "end_of_life", "fin de vie previsionnelle": "end_of_life", "eol": "end_of_life",
    "end of support": "end_of_life", "fin de support": "end_of_life",
    "contrat": "contract", "marche": "contract", "bon de commande": "contract",
    "mac": "mac", "adresse mac": "mac", "mac address": "mac",
    "ip": "address", "adresse ip": "address", "ip address": "address", "address": "address", "adresse": "address",
}  # fmt: skip
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


def column_of(header: str) -> str | None:
    """Give the column that a header means; None for a header that is not read."""
    word = folded(header)
    exact = header.strip().casefold()
    if exact in COLUMNS or exact == KIND:
        return exact
    return _HEADERS.get(word) or (word.replace(" ", "_") if word.replace(" ", "_") in COLUMNS else None)


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


def day_of(text: str) -> str:
    """Write a day as `2027-06-30`; a text of another form stays as it is."""
    french = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    iso = re.fullmatch(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})([T ].*)?", text)
    if not french and not iso:
        return text
    parts = (french[3], french[2], french[1]) if french else iso.groups()[:3] if iso else ()
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return text


def mac_of(text: str) -> str:
    """Write a MAC address as `02:93:05:00:00:60`; a text of another form stays as it is."""
    signs = re.sub(r"[^0-9a-f]", "", text.casefold())
    whole = len(signs) == 12 and re.fullmatch(r"[0-9A-Fa-f:.\- ]+", text)
    return ":".join(signs[at : at + 2] for at in range(0, 12, 2)) if whole else text
