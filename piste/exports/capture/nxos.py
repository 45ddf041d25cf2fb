"""The masks of the texts of a Nexus: a configuration and the tables, word by word.

A word stays where NX-OS gave it: it is in `forms/nxos.txt`, a number, an interface or an address. What people chose has
its mask where a line of `_CHOSEN` says so. Any other word is unknown: its size alone is kept, whatever the masks keep.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from piste.exports.capture.masks import Masks
from piste.exports.capture.vocabulary import words
from piste.systems.nexus.configuration import BANNER, MASK, masked

Note = Callable[[str, str, Any], None]


def _roles(masks: Masks, said: str) -> str:
    return " ".join(role if role in words("nxos") else masks.name(role).replace(" ", "-") for role in said.split())


_CHOSEN: tuple[tuple[str, Callable[[Masks, str], str]], ...] = (
    (r"\s*description (?P<it>.+)", Masks.name),
    (r"\s+name (?P<it>.+)", Masks.name),
    (r"(?:no )?(?:hostname|switchname) (?P<it>.+)", Masks.name),
    (r"(?:no )?(?:username|snmp-server user) (?P<it>\S+)", Masks.person),
    (r"(?:no )?snmp-server (?:contact|location) (?P<it>.+)", Masks.free),
    (r"(?:no )?(?:ip|ipv6|mac) access-list (?P<it>\S+)", Masks.name),
    (r"\s*(?:vrf context|vrf member|vrf) (?P<it>(?!member|context)\S+)", Masks.name),
    (r"\s*Device name: *(?P<it>.+)", Masks.name),
    (r"user:(?P<it>\S+)", Masks.person),
    (r"\s*roles:(?P<it>.+)", _roles),
    (r"\s*Processor Board ID (?P<it>\S+)", Masks.name),
)
"""The parts of a line that people chose: a name, a person, a free text."""
_ONE_WORD = r"\S+)"
_OWN = re.compile(
    r"[0-9][0-9,./:-]*|<|>|[!#*@-]+|\^?[A-Z]\^?|"
    r"(?i:ethernet|eth|port-channel|po|vlan|mgmt|loopback|lo|nve|tunnel|fc|vfc|san-port-channel)[0-9][0-9/.,-]*|"
    r"[0-9]+\.[0-9]+\([0-9a-zA-Z.]+\)[0-9A-Za-z().]*|(?:auto|(?:a-)?[0-9]+(?:\.[0-9])?G?)\([A-Za-z]\)|"
    r"(?:Eth|Po)[0-9/]+\([A-Za-z]+\),?|(?=.*[.:])[0-9a-fA-F.:]{3,39}(?:/[0-9]{1,3})?|(?:N[0-9]K-)?C[0-9]{2,5}[0-9A-Z-]{0,20}"
)
"""A word of no language: a number, a range, an interface, a version, a speed, an address, a model."""
_LONG = re.compile(r"[0-9A-Z-]{5,}")
_MASKED = re.compile(rf"{re.escape(MASK)}|(?:Nom|Personne)-[0-9a-f]{{6}}")
_WORD = re.compile(r"\S+")
_OF_THE_SWITCH = re.compile(r"default|VLAN[0-9]{4}|(?:fddi|token-ring|fddinet|trnet)-default")
"""Names of VLANs that a switch gives by itself."""
_NAME = slice(5, 37)
"""Columns of the names of `show vlan brief`."""


def configuration(text: str, masks: Masks, note: Note) -> str:
    """Mask a running configuration; note each unknown word by the line that has it."""
    lines, end = [], ""
    for line in masked(text).splitlines():
        if end:
            lines.append(line if end in line and not line.strip(end) else _free(line, end, masks))
            end = "" if end in line else end
        elif match := BANNER.match(line):
            rest = line[match.end() :]
            end = "" if match[1] in rest else match[1]
            lines.append(line[: match.end()] + (_free(rest, match[1], masks) if rest else ""))
        else:
            lines.append(_line(line, masks, note))
    return "\n".join(lines) + "\n"


def table(text: str, masks: Masks, note: Note) -> str:
    """Mask a table of ports, of port-channels, of accounts, or the version."""
    return "\n".join(_line(line, masks, None) for line in text.split("\n"))


def vlans(text: str, masks: Masks, note: Note) -> str:
    """Mask `show vlan brief`: its names are in columns."""
    lines = []
    for line in text.split("\n"):
        name = line[_NAME].strip()
        if line[:4].strip().isdigit() and name:
            width = _NAME.stop - _NAME.start
            shown = name if _OF_THE_SWITCH.fullmatch(name) else masks.name(name)
            line = f"{line[: _NAME.start]}{shown[:width]:<{width}}{line[_NAME.stop :]}"
            lines.append(line[: _NAME.stop] + _kept(line[_NAME.stop :], masks, None, ""))
        else:
            lines.append(_line(line, masks, None))
    return "\n".join(lines)


def _free(text: str, end: str, masks: Masks) -> str:
    """Mask the text of a banner, and keep its delimiter."""
    said, delimiter, _ = text.partition(end)
    return masks.free(said) + delimiter


def _line(line: str, masks: Masks, note: Note | None) -> str:
    for start, mask in _CHOSEN:
        if match := re.match(start, line):
            before, after = line[: match.start("it")], line[match.end("it") :]
            place = " ".join(before.split())
            shown = mask(masks, match["it"])
            shown = shown.replace(" ", "-") if start.endswith(_ONE_WORD) else shown
            return _kept(before, masks, note, place) + shown + _kept(after, masks, note, place)
    if line.startswith("!"):
        return f"!{_kept(line[1:], masks, None, '')}"
    first = [word for word in line.split()[:2] if word.casefold() in words("nxos")]
    return _kept(line, masks, note, " ".join(first))


def _kept(text: str, masks: Masks, note: Note | None, place: str) -> str:
    """Keep the words that NX-OS gave, with addresses masked; of others, the size.

    A long number behind an unknown word may be anything.
    """
    unknown = False

    def word(match: re.Match[str]) -> str:
        nonlocal unknown
        said = match[0]
        parts = said.casefold().strip(",:;").split(":")
        if all(part in words("nxos") for part in parts) or _MASKED.fullmatch(said):
            return said
        if _OWN.fullmatch(said) and not (unknown and _LONG.fullmatch(said)):
            return masks.text(said)
        unknown = True
        if note is not None:
            note(f".{place or '?'}", "unseen", said)
        return masks.sized(said)

    return _WORD.sub(word, text)
