"""The running configuration of a Nexus: its tree of lines, its text without secrets.

NX-OS indents the lines of a block by two spaces a level. A banner is free text up to its own delimiter: none of its
lines is configuration.
Believed: [belief nexus.masked].
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from piste.engine.converge.values import Misfit

MASK = "<masqué>"
BANNER = re.compile(r"banner \S+ (\S)")
_MOVING = re.compile(r"!(Time|Running configuration last done at|No configuration change since)")
"""Lines that change though nothing was configured."""
_DEEPEST = 40
_TOKEN = re.compile(r'"[^"]*"?|\S+')
_BEFORE_A_SECRET = frozenset(
    {"password", "passwd", "secret", "key", "key-string", "community", "passphrase", "authentication-key",
     "auth-string", "message-digest-key", "cleartext", "text", "preshared-key", "pre-shared-key", "pac", "pin",
     "sshkey", "encrypted", "api-key", "token", "md5", "sha", "sha-224", "sha-256", "sha-384", "sha-512", "auth",
     "priv"}
)  # fmt: skip
_AFTER_A_SECRET = frozenset(
    {"role", "group", "auth", "priv", "localizedkey", "localizedv2key", "authentication", "accounting", "timeout",
     "retransmit", "auth-port", "acct-port", "port", "expire"}
)  # fmt: skip
_SECRET_BY_FORM = re.compile(r'"?(\$[0-9a-z]{1,2}\$.*|0[xX][0-9a-fA-F]{16,}.*|[0-9a-fA-F]{24,})"?')
_PUBLIC = re.compile(r"\s*(vlan|interface|description|name|hostname|feature|switchport|channel-group|vrf) ")


@dataclass(slots=True)
class Line:
    """A line of the configuration, with the lines of its block."""

    text: str
    below: list[Line] = field(default_factory=list)

    def starting(self, *starts: str) -> Iterator[Line]:
        """Yield the lines of the block that start so."""
        return (line for line in self.below if line.text.startswith(starts))

    def rest(self, start: str) -> str | None:
        """Give the end of the first line of the block that starts so, None without any."""
        return next((line.text[len(start) :].strip() for line in self.starting(start)), None)

    def says(self, text: str) -> bool:
        return any(line.text == text for line in self.below)


def tree(text: str) -> Line:
    """Read a running configuration; the result is a line without text over the whole.

    Raises `Misfit` where it is not a running configuration.
    """
    if not re.search(r"^version \S", text, re.MULTILINE) or not re.search(r"^hostname \S", text, re.MULTILINE):
        raise Misfit("une configuration courante de NX-OS est attendue (version, hostname)")
    root = Line("")
    path: list[tuple[int, Line]] = [(-1, root)]
    for line in _lines(text):
        content = line.strip()
        if not content or content.startswith("!"):
            continue
        depth = len(line) - len(line.lstrip(" "))
        while path[-1][0] >= depth:
            path.pop()
        if len(path) > _DEEPEST:
            raise Misfit("la configuration a trop de niveaux")
        node = Line(" ".join(content.split()))
        path[-1][1].below.append(node)
        path.append((depth, node))
    return root


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of configuration, without the text of banners."""
    end = ""
    for line in text.splitlines():
        if end:
            end = "" if end in line else end
        elif match := BANNER.match(line):
            end = "" if match[1] in line[match.end() :] else match[1]
        else:
            yield line


def masked(text: str) -> str:
    """Give the text without secrets, nor lines that change by themselves.

    A word that may be a secret is masked: too much rather than too little.
    """
    return "\n".join(_mask(line) for line in text.splitlines() if not _MOVING.match(line.strip())).strip("\n") + "\n"


def _mask(line: str) -> str:
    if _PUBLIC.match(line) and not _SECRET_BY_FORM.search(line):
        return line
    words = [match[0] for match in _TOKEN.finditer(line)]
    hidden: set[int] = set()
    for position, word in enumerate(words):
        if word.casefold() in _BEFORE_A_SECRET:
            # The form of a secret (a digit) comes before it.
            past, place = False, position + 1
            while place < len(words) and not (past and words[place].casefold() in _AFTER_A_SECRET):
                hidden.add(place)
                past = past or not re.fullmatch("[0-9]", words[place])
                place += 1
        elif _SECRET_BY_FORM.fullmatch(word):
            hidden.add(position)
    if words[:2] in (["snmp-server", "host"], ["snmp-server", "community"]):
        # The community of a host has no word before it, or `version 2c`.
        hidden |= {2} if words[1] == "community" else {_community(words)}
    places = iter(range(len(words)))
    return _TOKEN.sub(lambda match: MASK if next(places) in hidden else match[0], line)


def _community(words: list[str]) -> int:
    """Give the place of the community in a line `snmp-server host`.

    `snmp-server host ADDRESS [traps|informs] [version V [auth|noauth|priv]] COMMUNITY …`
    """
    place = 3
    while place < len(words) and words[place] in ("traps", "informs"):
        place += 1
    if place < len(words) and words[place] == "version":
        place += 2
        while place < len(words) and words[place] in ("auth", "noauth", "priv"):
            place += 1
    return place
