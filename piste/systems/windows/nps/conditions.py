"""Conditions of a policy, and the texts in which NPS keeps them (`msNPConstraint`).

A request must fulfil every text; a text may have alternatives.

Sources: `netsh nps` reference (conditions 0x1 to 0x1fb5), the texts of recorded exports; MS-RRASM 2.2.3.2.1.4
(several times of a day).
Believed: [belief windows.computer_groups], [belief windows.nps_hours], [belief windows.nps_nas_ip].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from piste.systems.windows.nps.tables import DAYS, GROUPS, MATCHES, PORT_TYPES, times

_MATCH = re.compile(r'MATCH\("([^"=]+)=(.*)"\)', re.DOTALL)
_LIST = re.compile(r"([A-Z]+)\((.*)\)", re.DOTALL)
_SID = re.compile(r"S-1-[0-9-]+", re.IGNORECASE)
_PORT_TYPE = "NAS-Port-Type"
_FIELDS = {attribute.casefold(): field for field, attribute in MATCHES.items()}
_PORTS = {str(number): name for name, number in PORT_TYPES.items()}
_GROUPS = {word: field for field, word in GROUPS.items()}


def sids(texts: Iterable[str]) -> set[str]:
    """Return the SIDs of the groups that conditions name."""
    kinds = ((_LIST.fullmatch(text), text) for text in texts)
    return {sid.upper() for kind, text in kinds if kind and kind[1] in _GROUPS for sid in _SID.findall(text)}


def read(texts: Iterable[str], name_of: Callable[[str], str]) -> dict[str, Any]:
    """Return the conditions by field.

    A condition of another kind, or of a kind that has one already, is `verbatim`.
    """
    conditions: dict[str, Any] = {}
    for text in texts:
        field, value = _read(text.strip(), name_of)
        if field == "verbatim" or field in conditions:
            conditions.setdefault("verbatim", []).append(text)
        else:
            conditions[field] = value
    return conditions


def _read(text: str, name_of: Callable[[str], str]) -> tuple[str, Any]:
    unread = ("verbatim", text)
    if match := _MATCH.fullmatch(text):
        attribute, desired = match.groups()
        if attribute.casefold() == _PORT_TYPE.casefold():
            choices = [re.fullmatch(r"\^(\d+)\$", choice) for choice in desired.split("|")]
            ports = [_PORTS.get(choice[1]) if choice else None for choice in choices]
            return unread if None in ports else ("nas_port_type", sorted(filter(None, ports)))
        field = _FIELDS.get(attribute.casefold())
        return (field, desired) if field and desired else unread
    if listed := _LIST.fullmatch(text):
        word, inside = listed.groups()
        if word == "TIMEOFDAY":
            hours = _read_hours(inside.strip().strip('"'))
            return unread if hours is None else ("hours", hours)
        if word in _GROUPS and re.fullmatch(r'["S0-9;, -]*', inside, re.IGNORECASE) and _SID.search(inside):
            return _GROUPS[word], sorted({name_of(sid.upper()) for sid in _SID.findall(inside)})
    return unread


def _read_hours(text: str) -> dict[str, list[str]] | None:
    """Parse the hours of each day: `0 00:00-24:00; 1 07:30-12:00 13:30-19:00`, Sunday being 0.

    Returns None for a text of another form.
    """
    hours: dict[str, list[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        day, *ranges = re.split(r"[\s,]+", part)
        if day not in map(str, range(len(DAYS))) or not ranges:
            return None
        try:
            hours.setdefault(DAYS[int(day)], []).extend(times(re.sub(r"\b(\d:)", r"0\1", span)) for span in ranges)
        except ValueError:
            return None
    return hours or None


def written(conditions: Mapping[str, Any], sid_of: Callable[[str], str]) -> list[str]:
    """Return the texts of conditions, always in the same order."""
    texts = []
    if ports := conditions.get("nas_port_type"):
        numbers = sorted(PORT_TYPES[port] for port in ports)
        texts.append(_match(_PORT_TYPE, "|".join(f"^{number}$" for number in numbers)))
    texts += [_match(MATCHES[field], conditions[field]) for field in MATCHES if conditions.get(field)]
    for field, word in GROUPS.items():
        if names := conditions.get(field):
            texts.append(f'{word}("{";".join(sid_of(name) for name in sorted(names))}")')
    if hours := conditions.get("hours"):
        days = [f"{number} {' '.join(hours[day])}" for number, day in enumerate(DAYS) if hours.get(day)]
        texts.append(f'TIMEOFDAY("{"; ".join(days)}")')
    return [*texts, *conditions.get("verbatim", ())]


def _match(attribute: str, desired: str) -> str:
    return f'MATCH("{attribute}={desired}")'


def is_empty(conditions: Mapping[str, Any]) -> bool:
    return not written(conditions, lambda name: name)
