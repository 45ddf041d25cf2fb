"""Single values of the declaration: each function returns the value or refuses it in French."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from netaddr import AddrFormatError, IPAddress, IPNetwork
from pydantic_core import PydanticCustomError

from .secrets import REFERENCE_PATH

_LONGEST_ID = 32
_LONGEST_ACCOUNT = 254


def refuse(reason: str) -> PydanticCustomError:
    return PydanticCustomError("piste", "{reason}", {"reason": reason})


def said(value: object, *, lines: bool = False) -> None:
    """Refuse a blank text, also in a list or a mapping, and several lines unless `lines`."""
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    for text in (part for part in parts if isinstance(part, str)):
        if not text.strip():
            raise refuse("le texte est vide")
        if not lines and len(text.splitlines()) > 1:
            raise refuse(f"« {text.splitlines()[0]}… » tient sur plusieurs lignes : une seule est attendue")


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a text, for its check and for editors: a pattern, and French words for it."""

    pattern: str
    words: str


SHAPES: dict[Callable[[str], str], Shape] = {}
"""The shape of the texts that each check accepts; some checks want more than a pattern can say."""


def _shaped(pattern: str, words: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    def keep(check: Callable[[str], str]) -> Callable[[str], str]:
        SHAPES[check] = Shape(pattern, words)
        return check

    return keep


def matching(pattern: str, words: str) -> Callable[[str], str]:
    """Make the check of a text that a pattern describes whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text) or text != text.strip():
            raise refuse(f"« {text} » n’est pas {words}")
        return text

    return _shaped(pattern, words)(check)


def _is(kind: type[date], text: str, shape: Shape) -> bool:
    """True for a day or a moment of the calendar in this shape.

    `fromisoformat` alone takes weeks too (`2026-W01-1`), and days are compared as texts.
    """
    if not re.fullmatch(shape.pattern, text):
        return False
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


@_shaped(r"[0-9a-fA-F:.]+/[0-9]{1,3}", "un sous-réseau, par exemple 10.93.40.0/24")
def network(text: str) -> str:
    try:
        known = IPNetwork(text)
    except (AddrFormatError, ValueError):
        raise refuse(f"« {text} » n’est pas {SHAPES[network].words}") from None
    if "/" not in text or str(known.cidr) != text:
        raise refuse(f"« {text} » n’est pas un début de sous-réseau ; écrivez {known.cidr}")
    return text


@_shaped(r"[0-9a-fA-F:.]+", "une adresse IP, par exemple 10.93.41.254")
def address(text: str) -> str:
    try:
        return str(IPAddress(text))
    except (AddrFormatError, ValueError):
        raise refuse(f"« {text} » n’est pas {SHAPES[address].words}") from None


@_shaped(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", "une date et une heure, par exemple 2026-12-19T00:00")
def moment(text: str) -> str:
    if not _is(datetime, text, SHAPES[moment]):
        raise refuse(f"« {text} » n’est pas {SHAPES[moment].words}")
    return text


@_shaped(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "un jour, par exemple 2027-06-30")
def day(text: str) -> str:
    if not _is(date, text, SHAPES[day]):
        raise refuse(f"« {text} » n’est pas {SHAPES[day].words}")
    return text


@_shaped(r".*[^ *].*", f"un nom ou une adresse, * pour tout texte, {_LONGEST_ACCOUNT} caractères au plus")
def account(text: str) -> str:
    if len(text) > _LONGEST_ACCOUNT or not text.isprintable() or not text.strip(" *"):
        form = SHAPES[account].words
        raise refuse(f"« {text} » ne désigne pas de compte ({form} ; * seul les désignerait tous)")
    return text


@_shaped(r"[^*]*[^ *][^*]*", f"un nom ou une adresse, sans *, {_LONGEST_ACCOUNT} caractères au plus")
def login(text: str) -> str:
    if "*" in text:
        raise refuse(f"« {text} » n’est pas {SHAPES[login].words}")
    return account(text)


@_shaped(r"[0-9]{1,5}(-[0-9]{1,5})?", 'un port ou une plage de ports, par exemple "443" ou "1024-65535"')
def port_range(text: str) -> str:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not 0 <= first <= last <= 65535:
        raise refuse(f"« {text} » n’est pas {SHAPES[port_range].words}")
    return text


@_shaped(REFERENCE_PATH.pattern, "un chemin de la forme domaine/objet/clé")
def secret_path(text: str) -> str:
    # What is refused may be the secret itself: it is not shown.
    if not REFERENCE_PATH.fullmatch(text):
        raise refuse(f"la référence n’est pas {SHAPES[secret_path].words}")
    return text


time = matching(r"([01][0-9]|2[0-3]):[03]0", "une heure à la demi-heure près, par exemple 07:30")
mail = matching(r"[^@\s]+@[^@\s]+", "une adresse électronique, par exemple accueil@ville.example")
mac = matching(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", "une adresse MAC en minuscules, par exemple 02:93:05:00:00:60")
flow_id = matching(
    rf"(?=.{{1,{_LONGEST_ID}}}$)[a-z0-9]+(-[a-z0-9]+)*",
    f"un identifiant (minuscules sans accent, chiffres, tirets, {_LONGEST_ID} caractères au plus)",
)
flow_end = matching(r"[^@\s]+(@[a-z0-9-]+)?", "un bout de flux : un nom, suivi ou non de @here, @every ou @site")
prefix = matching(r"[A-Za-z0-9]{1,16}", "un préfixe (lettres sans accent et chiffres, 16 au plus)")
serial = matching(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", "un numéro de série de la forme XXXX-XXXX-XXXX")
code = matching(r"[a-z]{2,4}", "un code de deux à quatre lettres minuscules")
switch_port = matching(r"[a-z0-9-]{1,63}/[1-9][0-9]{0,2}", "un port de commutateur, par exemple sw-hdv-01/5")
nexus_port = matching(r"Ethernet[1-9][0-9]{0,2}(/[1-9][0-9]{0,2}){1,2}", "un port de Nexus, par exemple Ethernet1/48")
nexus_link = matching(
    r"(Ethernet[1-9][0-9]{0,2}(/[1-9][0-9]{0,2}){1,2}|port-channel[1-9][0-9]{0,3})",
    "un port ou un agrégat de Nexus, par exemple Ethernet1/1 ou port-channel10",
)
label = matching(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "un nom court (minuscules, chiffres, tirets, 63 au plus)")
record_name = matching(
    r"@|_?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\._?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*",
    "un nom de la zone (minuscules, chiffres, tirets, points ; @ pour la zone elle-même)",
)
domain = matching(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "un nom de domaine en minuscules, par exemple ad.ville.example")
unit = matching(
    r"[^/\\\x22,+<>;=\x00-\x1f]{1,64}", "un nom d’unité d’organisation (ni / ni \\, 64 caractères au plus)"
)
category_term = matching(
    r"(?!\$)[^/,!\x22#%\x27()*+:;=?\\|\[\]^&]{1,64}",
    "un nom de catégorie (lettres, chiffres, espaces et tirets, 64 au plus)",
)
"""A key or a value of a category of Prism Central."""
ext_id = matching(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "un identifiant de Prism Central (extId, en minuscules)"
)
"""The id of an object in Prism Central, where its name would not do."""
https = matching(r"https://[^\s/]+/\S*", "une adresse en https://")


def port_numbers(text: str) -> list[int]:
    """Expand "1-6", "7" or "1-4,9" into port numbers. Raises ValueError."""
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-9][0-9]{0,2})(?:-([1-9][0-9]{0,2}))?", part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise ValueError(text)
        numbers.extend(range(first, last + 1))
    return numbers
