"""The questions that make the inventory of production, and the checks of their answers."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, of_yaml
from piste.engine.converge.errors import Misused
from piste.engine.words import safe
from piste.town.model.wording import closest

_HOST = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_NEVER_REAL = ("example", "invalid", "test", "localhost")
"""Top-level domains that resolve nowhere (RFC 2606)."""
_TEMPLATE = re.compile(r"\{[{%#]")


class Unfit(Misused):
    """The answers cannot make an inventory; nothing was written."""

    code = "PISTE-E075"


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `place` is that of its answer in `main.yml`, empty where another file has it."""

    key: str
    text: str
    check: Callable[[str], str]
    place: str = ""
    optional: bool = False


def _refuse_unless(fits: object, expected: str) -> None:
    if not fits:
        raise ValueError(f"{expected} est attendu")


def _name(value: str) -> str:
    _refuse_unless(value and _is_plain(value) and len(value) <= 128, "un nom, sans accolade double ni signe invisible,")
    return value


def _is_plain(value: str) -> bool:
    """Check a text: YAML keeps it, Ansible does not evaluate it."""
    return value.isprintable() and not _TEMPLATE.search(value)


def _address(value: str, expected: str, *, scheme: str = "https", port: str = r"(?::([0-9]{1,5}))?", path: str) -> str:
    """Check an address as a whole, so that nothing of another form reaches Ansible.

    `urlsplit` drops newlines, and gives what follows `?` and `#` outside the path.
    """
    match = re.fullmatch(rf"{scheme}://([A-Za-z0-9.-]+){port}{path}", value, re.ASCII)
    _refuse_unless(match and _is_host(match[1]) and 0 < int(match[2] or 443) <= 65535, expected)
    return value.rstrip("/")


def _url(value: str) -> str:
    return _address(value, "une adresse en https://, sans compte", path=r"(?:/[\w./~-]*)?")


def _dashboard(value: str) -> str:
    return _address(value, "une adresse en https:// qui finit par /api/v1, sans compte,", path="/api/v1/*")


def _root(value: str) -> str:
    """Check the address of a system that answers at its root."""
    return _address(value, "une adresse en https://, sans compte ni chemin après le port,", path="/*")


def _client(value: str) -> str:
    _refuse_unless(re.fullmatch(r"[A-Za-z0-9._-]{1,128}", value), "un identifiant (lettres, chiffres, tirets)")
    return value


def _proxy(value: str) -> str:
    expected = "un mandataire de la forme http://hôte:port, sans compte,"
    return _address(value, expected, scheme="https?", port=":([0-9]{1,5})", path="/*")


def _domain(value: str) -> str:
    _refuse_unless("." in value and _is_host(value) and value == value.lower(), "un nom DNS en minuscules")
    if value.rpartition(".")[2] in _NEVER_REAL:
        raise ValueError("c’est un domaine d’exemple, qui n’existe pas : donnez celui de la Ville")
    return value


def _netbios(value: str) -> str:
    _refuse_unless(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,14}", value), "un nom NetBIOS (majuscules, 15 au plus)")
    return value


def _distinguished(value: str) -> str:
    _refuse_unless(re.fullmatch(r"DC=[a-z0-9-]+(,DC=[a-z0-9-]+)+", value), "un nom de la forme DC=ad,DC=ville,DC=fr")
    return value


def _host(value: str) -> str:
    _refuse_unless(_is_host(value), "un nom de machine")
    return value


def _is_host(value: str) -> bool:
    return len(value) <= 253 and bool(re.fullmatch(rf"{_HOST}(\.{_HOST})*", value))


def _server(value: str) -> str:
    """Check a server: a name, or the whole address of its WinRM."""
    return _url(value) if "://" in value else _host(value)


def _servers(value: str) -> str:
    _refuse_unless(split(value), "au moins un serveur")
    return ", ".join(map(_server, split(value)))


def _account(value: str) -> str:
    _refuse_unless(re.fullmatch(r"[A-Za-z0-9_.-]{1,20}", value), "un nom de compte, sans domaine (20 caractères)")
    return value


def _version(value: str) -> str:
    _refuse_unless(re.fullmatch(r"\d+\.\d+", value), "une version d’API, par exemple 7.4,")
    return value


def authority(value: str) -> str:
    """Check a file of certificates: PEM, without a private key. Raises ValueError."""
    path = Path(value)
    _refuse_unless(path.is_absolute() and _is_plain(value), "le chemin complet d’un fichier")
    try:
        text = path.read_text("ascii")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (OSError, ValueError) as error:  # SSLError is an OSError.
        raise ValueError("ce n’est pas un fichier lisible de certificats (PEM)") from error
    if "PRIVATE KEY" in text:
        raise ValueError("ce fichier contient une clé privée : donnez le certificat seul")
    return value


QUESTIONS = (
    Question("domain", "Nom DNS du domaine Active Directory", _domain),
    Question("organization", "Nom de l’organisation dans le Dashboard Meraki", _name, "piste_meraki.organization"),
    Question("dashboard", "Adresse de l’API du Dashboard", _dashboard, "piste_meraki.base_url"),
    Question("proxy", "Mandataire vers Internet (http://hôte:port)", _proxy, "piste_meraki.proxy", optional=True),
    Question("netbios", "Nom NetBIOS du domaine", _netbios, optional=True),
    Question("domain_dn", "Nom distinctif du domaine", _distinguished, optional=True),
    Question("controller", "Contrôleur de domaine par lequel Piste entre", _host, "piste_ad.controller"),
    Question("account", "Compte de Piste dans le domaine", _account, "piste_ad.username"),
    Question("nps", "Serveurs NPS, dans l’ordre de la déclaration", _servers),
    Question("print_server", "Serveur d’impression", _server),
    Question("smc", "Adresse de l’API du SMC", _root, "piste_smc.url"),
    Question("smc_version", "Version de l’API du SMC", _version, "piste_smc.api_version"),
    Question("prism", "Adresse de Prism Central", _root, "piste_prism.base_url"),
    Question("glpi", "Adresse de GLPI (ce qui précède /api.php)", _url, "piste_glpi.base_url", optional=True),
    Question("veeam", "Adresse de Veeam (https://nom:9419)", _url, "piste_veeam.base_url", optional=True),
    Question("glpi_client", "Identifiant du client OAuth de GLPI", _client, "piste_glpi.client_id", optional=True),
    Question("nexus_account", "Compte de Piste sur les Nexus, qui ne fait que lire", _account, "piste_nexus.username"),
    *(
        Question(f"{key}_ca", f"Autorité de certification {system} (chemin)", authority, place, optional=True)
        for key, system, place in (
            ("dashboard", "du mandataire ou du Dashboard", "piste_meraki.ca_file"),
            ("directory", "des contrôleurs de domaine", "piste_ad.ca_file"),
            ("windows", "des serveurs Windows", "piste_winrm.ca_file"),
            ("radius", "des serveurs RADIUS", "piste_eap.ca_file"),
            ("smc", "du SMC", "piste_smc.ca_file"),
            ("prism", "de Prism Central", "piste_prism.ca_file"),
            ("services", "des services de la ville", "piste_tls.ca_file"),
            ("zabbix", "de Zabbix", "piste_zabbix.ca_file"),
            ("glpi", "de GLPI", "piste_glpi.ca_file"),
            ("veeam", "de Veeam", "piste_veeam.ca_file"),
        )
    ),
)
BY_KEY = {question.key: question for question in QUESTIONS}
NOTHING = "-"
"""The text that empties an optional answer."""
Answers = Mapping[str, str]
"""Checked answers, by the key of their question; an optional answer may be empty."""


def read(path: Path) -> dict[str, Any]:
    """Read a file of answers, where a dash alone stands for nothing. Raises `Unfit`."""
    try:
        # To YAML a dash alone begins a list, and has no place after a key.
        given = of_yaml(re.sub(rb"(?m)^(\w+:[ \t]+)-(?=[ \t]*(#.*)?\r?$)", rb'\1"-"', path.read_bytes()))
    except (OSError, Unreadable) as error:
        why = " ".join(str(error).split())
        raise Unfit("le fichier de réponses ne se lit pas", where=str(path), why=why) from error
    if not isinstance(given, dict):
        raise Unfit("le fichier de réponses n’est pas un objet (clés et valeurs)", where=str(path))
    return given


def checked(given: Mapping[Any, Any], nps: Sequence[str]) -> dict[str, str]:
    """Check answers, and that they agree. Raises `Unfit` with every fault.

    `nps` are the servers that the town declares.
    """
    faults = [f"{shown(key)} : question inconnue. {closest(str(key), BY_KEY)}" for key in given if key not in BY_KEY]
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        value = given.get(question.key)
        if value is None or value == "" or (question.optional and value == NOTHING):
            answers[question.key] = ""
            if not question.optional:
                faults.append(f"{question.key} : il manque une réponse ({question.text})")
            continue
        words = isinstance(value, list) and all(isinstance(word, str) for word in value)
        text = ", ".join(value) if words else value
        try:
            _refuse_unless(isinstance(text, str), "un texte (entre guillemets s’il a la forme d’un nombre)")
            answers[question.key] = question.check(text.strip())
        except ValueError as error:
            faults.append(f"{question.key} : « {shown(text)} » ne convient pas, {error}")
    faults += disagreements(answers, nps)
    if faults:
        raise Unfit(
            "des réponses ne conviennent pas, rien n’a été écrit",
            todo="\n" + "\n".join(f"  - {fault.strip()}" for fault in faults),
        )
    return answers


def shown(value: object) -> str:
    """Show a refused answer on a line, without the account that an address may contain."""
    if not isinstance(value, str | float | int) or (isinstance(value, int) and abs(value) > 10**9):
        return "…"  # A hostile list or integer has no bounded text.
    return safe(re.sub(r"^(\w+:/*)?.*@", lambda match: f"{match[1] or ''}…@", " ".join(str(value).split())))[:120]


def disagreements(answers: Answers, nps: Sequence[str]) -> Iterator[str]:
    """List the answers that contradict each other, or the declaration."""
    domain, written = answers.get("domain", ""), answers.get("domain_dn", "")
    if domain and written and written != distinguished(domain):
        yield f"domain_dn : « {written} » n’est pas celui de {domain}, qui est {distinguished(domain)}"
    servers = split(answers.get("nps", ""))
    if servers and len(servers) != len(nps):
        yield f"nps : {len(servers)} pour les {len(nps)} déclarés (radius.servers : {', '.join(nps)})"


def split(servers: str) -> list[str]:
    """List the servers of an answer."""
    return [server for server in re.split(r"[,\s]+", servers.strip()) if server]


def distinguished(domain: str) -> str:
    """Give the distinguished name of a domain of Active Directory."""
    return ",".join(f"DC={label}" for label in domain.split("."))
