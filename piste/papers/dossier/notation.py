"""Values as a French reader expects them: words of codes, numbers, days, units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from piste.engine.clock import in_town
from piste.engine.words import NO_BREAK

STATUS: Mapping[str | None, str] = {
    "to_confirm": "à confirmer",
    "read_back": "relevé",
    "validated": "validé",
    None: "CCTP",
}
LIFECYCLE = {"planned": "prévu", "open": "ouvert", "closing": "en fermeture", "closed": "fermé"}
ZONE = {
    "interne": "interne",
    "pedagogique": "pédagogique",
    "public": "public",
    "invite": "invités",
    "externe": "externe",
}
ENVIRONMENT = {"lab": "laboratoire", "production": "production"}
DOT1X = {
    "off": "non (clé partagée, ports ouverts)",
    "pilot": "pilote (Wi-Fi, et les commutateurs marqués)",
    "enforced": "imposé (Wi-Fi et tous les ports d’utilisateurs)",
}
AUTHENTICATION = {"psk": "clé partagée", "dot1x": "802.1X", "open": "ouvert"}
GATEWAY = {"ngfw": "pare-feu", "core": "cœur"}
MODE: Mapping[str | None, str] = {"access": "accès", "trunk": "trunk", None: "non géré"}
DAY = {
    "monday": "lundi",
    "tuesday": "mardi",
    "wednesday": "mercredi",
    "thursday": "jeudi",
    "friday": "vendredi",
    "saturday": "samedi",
    "sunday": "dimanche",
}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
VERDICT = {
    "conform": "conforme", "wrong": "non conforme", "unknown": "inconnu", "untested": "non essayé",
    "kept": "gardé tel que trouvé",
}  # fmt: skip


_DATED = re.compile(r"\b(?<!-)\d{4}-(?:0[1-9]|1[0-2])(-(?:0[1-9]|[12]\d|3[01]))?\b(?!-)")


def number(value: float, decimals: int = 0) -> str:
    """Write `1 234,5`, with unbreakable spaces and a true minus sign."""
    text = f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")
    return text.replace("-", "\N{MINUS SIGN}")


def day(text: str) -> str:
    """Write `31/12/2027` from `2027-12-31`, `12/2027` from a month."""
    if len(text) == len("2027-12"):
        return f"{text[5:]}/{text[:4]}"
    return datetime.fromisoformat(text).strftime("%d/%m/%Y")


def month(text: str) -> str:
    """Write `novembre 2026` from `2026-11`, or from a day."""
    return f"{MONTHS[int(text[5:7]) - 1]} {text[:4]}"


def dated(text: str) -> str:
    """Rewrite the days and months of a text as `31/10/2026` and `octobre 2026`."""
    return _DATED.sub(lambda match: day(match[0]) if match[1] else month(match[0]), text)


def moment(text: str) -> str:
    """Write `24/11/2026 à 23:40`, in the town's time, from an ISO 8601 moment with its zone."""
    return in_town(text, f"%d/%m/%Y à{NO_BREAK}%H:%M")


def measure(value: float, unit: str, decimals: int = 0) -> str:
    """Write `1 500 VA`, with unbreakable spaces."""
    return f"{number(value, decimals)}{NO_BREAK}{unit}"


def value(amount: float | None, unit: str) -> str:
    """Write the value of a figure, `97,5 %`; unknown, it is said so."""
    return "inconnu" if amount is None else measure(amount, unit, 0 if amount == round(amount) else 1)


def rate(mbps: int | None) -> str | None:
    """Write `1 Gbit/s` from megabits a second."""
    if mbps is None:
        return None
    value, unit = (mbps / 1000, "Gbit/s") if mbps >= 1000 else (mbps, "Mbit/s")
    return measure(value, unit, 0 if value == int(value) else 1)


def lease(seconds: int) -> str:
    """Write `1 h` from seconds."""
    hours = seconds / 3600
    return measure(hours, "h", 0 if hours == int(hours) else 1)


_ACCOUNT = re.compile(r"[a-z\d_][a-z\d._-]*[$]?")


def signatory(operator: str) -> str:
    """Write who acted; an account of the machine alone is nobody."""
    return f"aucune personne nommée (compte {operator}) : nom à écrire" if _ACCOUNT.fullmatch(operator) else operator


def yes(value: bool) -> str:
    return "oui" if value else "non"


def environment(name: str) -> str:
    return ENVIRONMENT.get(name, name)
