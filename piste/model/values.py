"""Single values of the declaration: each function returns the value or refuses it in French."""

from __future__ import annotations

import re
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


def network(text: str) -> str:
    try:
        known = IPNetwork(text)
    except (AddrFormatError, ValueError):
        raise refuse(f"« {text} » n'est pas un sous-réseau, par exemple 10.93.40.0/24") from None
    if "/" not in text or str(known.cidr) != text:
        raise refuse(f"« {text} » n'est pas un début de sous-réseau ; écrivez {known.cidr}")
    return text


def address(text: str) -> str:
    try:
        return str(IPAddress(text))
    except (AddrFormatError, ValueError):
        raise refuse(f"« {text} » n'est pas une adresse IP, par exemple 10.93.41.254") from None


def time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[03]0", text):
        raise refuse(f"« {text} » n'est pas une heure à la demi-heure près, par exemple 07:30")
    return text


def moment(text: str) -> str:
    try:
        known = datetime.fromisoformat(text)
    except ValueError:
        known = None
    if known is None or known.tzinfo or len(text) != len("2026-12-19T00:00"):
        raise refuse(f"« {text} » n'est pas une date et une heure, par exemple 2026-12-19T00:00")
    return text


def day(text: str) -> str:
    try:
        known = date.fromisoformat(text)
    except ValueError:
        known = None
    if known is None or len(text) != len("2027-06-30"):
        raise refuse(f"« {text} » n'est pas un jour, par exemple 2027-06-30")
    return text


def mac(text: str) -> str:
    if not re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", text):
        raise refuse(f"« {text} » n'est pas une adresse MAC en minuscules, par exemple 02:93:05:00:00:60")
    return text


def flow_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > _LONGEST_ID:
        form = f"minuscules sans accent, chiffres, tirets, {_LONGEST_ID} caractères au plus"
        raise refuse(f"« {text} » n'est pas un identifiant ({form})")
    return text


def flow_end(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+(@[a-z0-9-]+)?", text):
        raise refuse(f"« {text} » n'est pas un bout de flux : un nom, suivi ou non de @here, @every ou @site")
    return text


def account(text: str) -> str:
    if len(text) > _LONGEST_ACCOUNT or not text.isprintable() or not text.strip(" *"):
        form = f"un nom ou une adresse, * pour tout texte, {_LONGEST_ACCOUNT} caractères au plus"
        raise refuse(f"« {text} » ne désigne pas de compte ({form} ; * seul les désignerait tous)")
    return text


def prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,16}", text):
        raise refuse(f"« {text} » n'est pas un préfixe (lettres sans accent et chiffres, 16 au plus)")
    return text


def port_range(text: str) -> str:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not 0 <= first <= last <= 65535:
        raise refuse(f'« {text} » n\'est ni un port ni une plage de ports, par exemple "443" ou "1024-65535"')
    return text


def serial(text: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", text):
        raise refuse(f"« {text} » n'est pas un numéro de série de la forme XXXX-XXXX-XXXX")
    return text


def code(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}", text):
        raise refuse(f"« {text} » n'est pas un code de deux à quatre lettres minuscules")
    return text


def secret_path(text: str) -> str:
    if not REFERENCE_PATH.fullmatch(text):
        raise refuse("la référence n'est pas un chemin de la forme domaine/objet/clé")
    return text


def domain(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", text):
        raise refuse(f"« {text} » n'est pas un nom de domaine en minuscules, par exemple ad.ville.example")
    return text


def unit(text: str) -> str:
    if not re.fullmatch(r"[^/\\\",+<>;=\x00-\x1f]{1,64}", text) or text != text.strip():
        raise refuse(f"« {text} » ne peut pas nommer une unité d'organisation (ni / ni \\, 64 caractères au plus)")
    return text


def category_term(text: str) -> str:
    """Accept a key or a value of a category of Prism Central."""
    if not re.fullmatch(r"(?!\$)[^/,!\"#%'()*+:;=?\\|\[\]^&]{1,64}", text) or text != text.strip():
        raise refuse(f"« {text} » ne peut pas nommer une catégorie (lettres, chiffres, espaces et tirets, 64 au plus)")
    return text


def ext_id(text: str) -> str:
    """Accept the id of an object in Prism Central, where its name would not do."""
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise refuse(f"« {text} » n'est pas un identifiant de Prism Central (extId, en minuscules)")
    return text


def https(text: str) -> str:
    if not re.fullmatch(r"https://[^\s/]+/\S*", text):
        raise refuse(f"« {text} » n'est pas une adresse en https://")
    return text


def port_numbers(text: str) -> list[int]:
    """Expand "1-6", "7" or "1-4,9" into port numbers. Raises ValueError."""
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"([1-9]\d{0,2})(?:-([1-9]\d{0,2}))?", part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise ValueError(text)
        numbers.extend(range(first, last + 1))
    return numbers
