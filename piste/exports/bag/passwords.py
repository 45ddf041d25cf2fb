"""Passwords as people write them, in French and in English.

They are in comments, scripts, commands and settings. A line is judged with the name of a setting that comes before its
value. What a reader would not take for a password (the path of a secret, a placeholder, a word of a sentence) is left
alone: a word of the dictionary is not recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

PASSWORD = "mot de passe écrit en clair"
ACCOUNT = "compte et mot de passe écrits ensemble"
TOKEN = "jeton ou clé d’un service"
DEVICE = "mot de passe, clé ou communauté d’un équipement réseau"
LONGEST = 4_000
"""Characters that are looked at together: a longer line is looked at in pieces, in a time that nobody stretches."""
_OVERLAP = 400
SHORT = 200
"""Characters of the lines whose judgement is remembered."""

_OF = r"[ _-](?:du[ _-]|de[ _-]la[ _-]|de[ _-]l[’']|de[ _-]|d[’'])?"
_NAMED = (
    r"mots?[ _-]?de[ _-]?passes?|mdp|m2p|phrases?[ _-]de[ _-]passe|pass(?:words?|wd|w|phrase)|pass|pwd|psk|"
    r"pre[ _-]?shared[ _-]?key|(?:wpa\d?|wep|shared|api|access|auth|account|storage|secret|encryption|master)[ _-]?key|"
    r"secrets?|tokens?|jetons?|credentials?|community(?:[ _-](?:string|name))?|(?:nom[ _-]de[ _-])?communaut[ée]s?|"
    rf"cl(?:[ée]|ef)s?{_OF}(?:wi-?fi|wpa\d?|psk|wep|api|acc[èe]s|radius|snmp|(?:pr[ée][ -]?)?partag[ée]e|secr[èe]te|"
    r"chiffrement|r[ée]cup[ée]ration|bitlocker)"
)
"""Words that name a password, at the end of a name: `DB_PASSWORD`, `DefaultPassword`, `clé du wifi`."""
_CODED = (
    rf"codes?{_OF}(?:wi-?fi|pin|acc[èe]s|alarme|porte|portail|entr[ée]e|coffre|secret|d[ée]verrouillage|copieur)|"
    r"digicode|code[ -]?pin|pin"
)
_NAME = re.compile(
    r"(?i:passw|secret|communit|psk|token|jeton|pwd|mdp|credential|(?:key|clef|clé)s?$)"
    rf"|(?i:{_NAMED})(?![a-zà-ÿ])|(?<![A-Za-z])(?i:{_CODED})(?![a-zà-ÿ])"
)
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_START = (
    r"(?<![A-Za-zÀ-ÿ])(?:[A-Za-z0-9]{1,40}[_.-]){0,6}"
    r"(?:[A-Za-z]{1,40}(?=P(?:ass|wd|sk)|Secret|Token)|[A-Z]{1,40}(?=PASS|PWD))?"
)
_FOR = r"(?:[_-]?\d)?(?: [\wÀ-ÿ’'.()]{1,20}){0,4}?"
"""What may stand behind the word: `mot de passe du copieur`."""
_VALUE = r"(?P<value>\"[^\"\n]{3,100}\"|'[^'\n]{3,100}'|«\s?[^»\n]{3,100}?\s?»|[^\s\"'«<>]{3,200})"
_SIGN = r"[\"'»]?\s*\)?(?:\s*(?:[:=]+>?|->|→)\s*|\s+(?:est|is)(?:\s*:)?\s+)"
_ASSIGNED = re.compile(rf"{_START}(?i:{_NAMED})(?i:{_FOR}){_SIGN}{_VALUE}")
_CODE = re.compile(
    rf"(?i)(?<![\w-])(?:{_CODED})[^:=\d\n]{{0,30}}?[\s:=]+(?P<value>(?=\w*\d\w*\d\w*\d)[A-F\d]{{4,12}})(?![\w.:/,-]*\w)"
)
_BARE = re.compile(r"(?i)(?<![\w-])(?:mdp|mot de passe|password|passwd|pwd)\s+(?P<value>[^\s\"'«<>:=,;()]{6,60})")
_TAGGED = re.compile(
    r"(?i)<[\w:.-]{0,60}(?:password|passwd|pwd|secret|psk|keymaterial|token)(?:\s[^<>]{0,200})?>(?P<value>[^<>\s]{3,200})</"
)
_SETTING = re.compile(
    rf"(?i:name|value_?name|key|nom|valeur|variable)[\"']?\s*[:=]\s*[\"']?{_START}(?i:{_NAMED})[\"']?[,;]?\s*$"
)
"""The name of a setting, alone on its line: its value is on a line that follows."""
_CONTENT = re.compile(rf"(?i)^[\s\"'-]*(?:value|data|content|valeur|donn[ée]es?)[\"']?\s*[:=]\s*{_VALUE}\s*,?\s*$")
_NEAR = 4
"""Lines between the name of a setting and its value."""

_COMMANDS: Sequence[tuple[str, str, str]] = (
    ("net", ACCOUNT, r"\bnet(?:\.exe)?\s+use\b.{0,200}?\\\\\S+\s+(?P<value>[^\s*/]\S{2,})"),
    ("net", ACCOUNT, r"\bnet(?:\.exe)?\s+user\s+[^\s/]+\s+(?P<value>[^\s*/]\S{2,})"),
    ("/u", ACCOUNT, r"/u(?:ser)?:[\"']?[\w.@\\$-]+[\"']?\s+(?P<value>[^\s*/-]\S{3,})"),
    ("/p", PASSWORD, r"(?<![\w:/])/(?:p|pw|pwd|pass|passwd|password)[: ](?P<value>[^\s*%/]\S{3,})"),
    ("/rp", PASSWORD, r"\s/rp\s+(?P<value>[^\s*%/]\S{3,})"),
    ("-u", ACCOUNT, r"\bcurl\b.{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']+:(?P<value>[^\s\"']{3,})"),
    ("-p", PASSWORD, r"\b(?:psexec\d*|plink|pscp|sshpass|mysql\w*)\b.{0,200}?\s-pw? ?[\"']?"
                     r"(?P<value>[^\s\"'-][^\s\"']{3,})"),
    ("-u", ACCOUNT, r"\bsmbclient\b.{0,200}?\s-U\s*[^\s%]+%(?P<value>\S{3,})"),
    ("-", PASSWORD, r"\s--?(?:\w+-)?(?:pass(?:word|wd)?|pwd|token|secret|api-?key)[ =:]+"
                    r"(?P<value>[\"'][^\"']{3,}[\"']|[^\s\"'-]\S{5,})"),
    ("securestring", PASSWORD, r"ConvertTo-SecureString\b(?=[^|\n]{0,300}-AsPlainText).{0,200}?"
                               r"(?P<value>[\"'][^\"'\n]{3,}[\"'])"),
    ("securestring", PASSWORD, r"(?P<value>[\"'][^\"'\n]{3,}[\"'])\s*\|\s*ConvertTo-SecureString\b"),
    ("networkcred", ACCOUNT, r"NetworkCredential\W+[\"'][^\"']+[\"']\s*,\s*(?P<value>[\"'][^\"']{3,}[\"'])"),
    ("://", ACCOUNT, r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{1,80}:(?P<value>[^\s/@\"'<>]{3,80})@"),
    ("authorization", TOKEN, r"\bAuthorization\W+(?:Basic|Bearer|Token)\s+(?P<value>[A-Za-z0-9+/=._-]{8,})"),
    ("enable", DEVICE, r"\benable\s+(?:password|secret)\s+(?:\d\s+)?(?P<value>\S{3,})"),
    ("username", DEVICE, r"\busername\s+\S+(?:\s+privilege\s+\d+)?\s+(?:password|secret)\s+(?:\d\s+)?"
                         r"(?P<value>\S{3,})"),
    ("snmp", DEVICE, r"\bsnmp-server\s+(?:community|user\s.{0,200}?\b(?:auth|priv)\s+\S+)\s+(?P<value>\S{3,})"),
    ("snmp", DEVICE, r"\bsnmp\b.{0,30}?\bcommun\w+\s*[:=]\s*(?P<value>\S{3,})"),
    ("snmp", DEVICE, r"\bcommun\w+\s+snmp\s*[:=]\s*(?P<value>\S{3,})"),
    ("key", DEVICE, r"\b(?:tacacs|radius)(?:-server)?\b.{0,200}?\bkey\s+(?:\d\s+)?(?P<value>[^\s:=]{3,})"),
    ("key", DEVICE, r"\b(?:key-string|key|wpa-psk)\s+(?:ascii\s+)?[067]\s+(?P<value>\S{3,})"),
    ("-", "clé de récupération BitLocker", r"\b(?P<value>(?:\d{6}-){7}\d{6})\b"),
    ("", TOKEN, r"(?-i:\b(?P<value>(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"
                r"|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{30,}|sk_live_[\w-]{16,}|hvs\.\w{20,}|npm_\w{30,}"
                r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,}))"),
)  # fmt: skip
"""Forms that alone make a value a password, whatever its letters; first a part of each, in small letters."""
_FORMS = tuple((part, label, re.compile(f"(?i){pattern}")) for part, label, pattern in _COMMANDS)
_PARTS = (
    "pass", "mdp", "m2p", "pwd", "psk", "key", "secret", "token", "jeton", "credential", "commun", "clé", "clef", "cle",
)  # fmt: skip
_CODES = ("code", "pin")
_TOGETHER = re.compile(
    r"(?i)\b(?:identifiants?|login|compte|user(?:name)?|utilisateur|acc[èe]s|connexion)\s*[:=]?\s*[\w.@\\-]{2,60}\s*"
    r"(?:[/,;:|]|\bet\b)\s*(?P<value>[^\s\"',;/()]{6,60})"
)
"""An account and what follows it: a password only where it has small letters, capitals and others."""
_ACCOUNTS = ("identifiant", "login", "compte", "user", "utilisateur", "accès", "acces", "connexion")

_NOTHING = re.compile(
    r"(?i)(?:null|none|nil|true|false|yes|no|oui|non|str|string|bytes|any|int|integer|object|n/a|redacted|hidden|unset)\W*"
    r"|masqu[ée]e?s?\W*|(.)\1+|\W+|!unsafe|!vault"
    r"|\$\w+|%[\w ]+%|%\w/.*|[&*]\w+|[\[{(<].*|.*(?:\{\{|\$\{|\$\(|\{\$).*|https?://.*"
    r"|[\w.-]+\(.*|[a-z_]+(?:[.:][a-z_]+)+,?|[a-z_<][\w.<>-]*(?:/[\w.<>{}-]+)+"
)
"""Placeholders, variables, expressions, addresses, the paths of secrets."""
_NUMBERS = re.compile(r"\d{1,3}|\d+(?:[.:/T,-]\d+)+Z?|\d+\s?%")
_TERMS = re.compile(
    r"(?i)wpa\d.*|sha-?\d.*|aes-?\d.*|tls.*|utf-?\d+|rfc-?\d+|802\.?1x.*|base64.*|ipv[46]|(?:piste-)?[emfr]\d{2,4}|md5"
)
_COMMON = re.compile(
    r"(?i)azerty(?:uiop)?|qwerty(?:uiop)?|passw[o0]rd|motdepasse|admin|administrat(?:eur|or)|root|toor|soleil|bonjour"
    r"|doudou|loulou|chouchou|marseille|letmein|welcome|changeme|bienvenue|(?:le)?bourget|mairie|ecole|cisco"
)
"""Words that people take for passwords."""


def names(name: str) -> bool:
    """Tell whether the name of a setting is that of a password, whatever its value."""
    return bool(_NAME.search(name) or _NAME.search(_HUMP.sub("_", name)))


class Reader:
    """Reads the lines of a text in their order."""

    def __init__(self) -> None:
        self._since = _NEAR + 1
        """Lines since the name of a setting that is a password."""

    def read(self, line: str) -> str:
        """Say what password a line has; nothing where it has none."""
        self._since += 1
        likeness, names = _often(line) if len(line) <= SHORT else _seen(line)
        if not likeness and self._since <= _NEAR and (match := _CONTENT.search(line)) and _is_password(match["value"]):
            likeness, self._since = PASSWORD, _NEAR + 1
        if names:
            self._since = 0
        return likeness


def _seen(line: str) -> tuple[str, bool]:
    """Say what password a line has, and whether its end names the setting of a password."""
    likeness = next(filter(None, map(_judged, _pieces(line))), "")
    small = line.casefold()
    return likeness, any(part in small for part in _PARTS) and bool(_SETTING.search(line[:LONGEST]))


_often = lru_cache(2**15)(_seen)
"""Generated files repeat their lines."""


def _pieces(line: str) -> Iterator[str]:
    for start in range(0, max(1, len(line)), LONGEST - _OVERLAP):
        yield line[start : start + LONGEST]


def _judged(line: str) -> str:
    """Say what password a line has; nothing where it has none."""
    small = line.casefold()
    for part, label, pattern in _FORMS:
        if part in small and any(not _is_nothing(_bare(match["value"])) for match in pattern.finditer(line)):
            return label
    if any(part in small for part in _PARTS):
        for way in (_ASSIGNED, _BARE, _TAGGED):
            if any(_is_password(match["value"]) for match in way.finditer(line)):
                return PASSWORD
    if any(part in small for part in _CODES) and _CODE.search(line):
        return "code écrit en clair"
    if any(part in small for part in _ACCOUNTS):
        for match in _TOGETHER.finditer(line):
            bare = _bare(match["value"])
            if not _is_nothing(bare) and re.search("[a-z]", bare) and re.search("[A-Z]", bare) and _HARD.search(bare):
                return ACCOUNT
    return ""


_HARD = re.compile(r"\d.*\d|[!#$%&*+=?^~§£€]")


def _bare(value: str) -> str:
    """Take off what a sentence or a format puts around a value."""
    whole = value.strip("\"'« »`*\u00a0\u202f")
    return (whole[:1] + whole[1:].partition("<")[0]).rstrip(".,;)}]`\"'")


def _is_nothing(value: str) -> bool:
    return len(value) < 3 or bool(_NOTHING.fullmatch(value))


def _is_password(value: str) -> bool:
    """Tell whether a value behind the word for a password is one."""
    bare = _bare(value)
    if _is_nothing(bare) or _NUMBERS.fullmatch(bare) or _TERMS.fullmatch(bare):
        return False
    if _COMMON.fullmatch(bare) or bare.isdigit():
        return True
    return _is_strong(bare.replace(" ", "") if value[0] in "\"'«" else bare)


def _is_strong(value: str) -> bool:
    """Tell whether a text mixes two sorts of signs, as no word does; a capital begins a word."""
    if _is_nothing(value) or _NUMBERS.fullmatch(value) or _TERMS.fullmatch(value):
        return False
    sorts = (
        any(char.islower() for char in value),
        any(char.isupper() for char in value[1:]),
        any(char.isdigit() for char in value),
        any(not char.isalnum() and char not in "-_.,;:’'/\\()…`" for char in value),
    )
    return sum(sorts) >= 2
