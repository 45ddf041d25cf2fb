"""Security template of a computer, `GptTmpl.inf` (MS-GPSB 2.2).

Its sections are accounts, rights, services, groups and registry values: maps with one line an entry. Unknown lines and
sections keep their place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions
from piste.systems.windows.gpo.edits import changes, put_in_place
from piste.systems.windows.gpo.part import Content, Pair, Principals, Side
from piste.systems.windows.gpo.principals import named, refused, sid_of
from piste.systems.windows.gpo.security_table import (
    ACCOUNTS,
    EVENT_LOGS,
    KERBEROS,
    LEGACY_AUDIT,
    RIGHTS,
    STARTUP,
    Quoted,
    Setting,
)

HEADER = ("unicode", "version")
_REGISTRY_TYPES = {"sz": "1", "expand_sz": "2", "dword": "4", "multi_sz": "7"}
_SERVICE = re.compile(r'\s*"?([^",]+)"?\s*,\s*([0-9]+)\s*(?:,\s*"?([^"]*)"?\s*)?')
_SID = re.compile(r"S-1-[0-9]+(?:-[0-9]+)+")
_NAMED = re.compile(r"\{([^{}]+)\}")


class Section(NamedTuple):
    """One map of the YAML. `read` and `write` raise ValueError, in French."""

    field: Field
    sections: frozenset[str]
    read: Callable[[str, str, Principals], tuple[str, Any]]
    write: Callable[[str, Any, Principals], Iterable[tuple[str, str]]]
    is_about: Callable[[str, str, Principals], str]


def _map(name: str, doc: str, **more: Any) -> Field:
    return Field(name, doc, type="map", **more)


def _key(line: str) -> str:
    return line.partition("=")[0].strip()


def _settings(name: str, doc: str, table: Mapping[str, Setting]) -> Section:
    by_line = {(setting.section.casefold(), setting.key.casefold()): known for known, setting in table.items()}

    def about(section: str, line: str, principals: Principals) -> str:
        return by_line.get((section.casefold(), _key(line).casefold()), "") if "=" in line else ""

    def read(section: str, line: str, principals: Principals) -> tuple[str, Any]:
        known = by_line[section.casefold(), _key(line).casefold()]
        return known, table[known].form.read(line.partition("=")[2].strip())

    def write(known: str, value: Any, principals: Principals) -> Iterator[tuple[str, str]]:
        if known not in table:
            near = difflib.get_close_matches(known, table, n=1)
            raise ValueError(
                f"réglage inconnu, vouliez-vous dire « {near[0]} » ?"
                if near
                else f"réglage inconnu : {', '.join(table)}"
            )
        setting = table[known]
        yield setting.section, f"{setting.key} = {setting.form.write(value)}"

    doc = f"{doc} Names: {', '.join(f'C({known})' for known in table)}."
    return Section(
        _map(name, doc, elements="raw"), frozenset(setting.section for setting in table.values()), read, write, about
    )


# registry values: MACHINE\Key\Value=type,data (MS-GPSB 2.2.9)


def _registry_about(section: str, line: str, principals: Principals) -> str:
    return _key(line) if "=" in line else ""


def _registry_read(section: str, line: str, principals: Principals) -> tuple[str, Any]:
    number, _, text = line.partition("=")[2].strip().partition(",")
    kind = next(kind for kind, wire in _REGISTRY_TYPES.items() if wire == number) if number in "1247" else ""
    if not number or not kind:
        raise ValueError("type inconnu")
    if kind == "dword":
        return _key(line), {"type": kind, "data": int(text)}
    if kind == "multi_sz":
        lines = [piece.replace("\0", ",") for piece in text.replace('","', "\0").split(",")] if text else []
        return _key(line), {"type": kind, "data": lines}
    return _key(line), {"type": kind, "data": Quoted().read(text)}


def _registry_write(name: str, value: Any, principals: Principals) -> Iterator[tuple[str, str]]:
    kind, data = value.get("type"), value.get("data")
    if not re.fullmatch(r"(?i)(MACHINE|USERS|CLASSES_ROOT)(\\[^\\=]+){2,}", name):
        raise ValueError("la forme « MACHINE\\Clé\\Valeur » est attendue")
    if kind == "dword" and isinstance(data, int) and not isinstance(data, bool) and 0 <= data < 2**32:
        text = str(data)
    elif kind == "multi_sz" and isinstance(data, list) and all(isinstance(line, str) and line for line in data):
        text = ",".join(line.replace(",", '","') for line in data)
    elif kind in ("sz", "expand_sz"):
        text = Quoted().write(data)
    else:
        raise ValueError("type et data sont attendus : dword (nombre), sz et expand_sz (texte) ou multi_sz (liste)")
    yield "Registry Values", f"{name}={_REGISTRY_TYPES[kind]},{text}"


# rights: SeRight = *SID,*SID (MS-GPSB 2.2.5)


def _people_read(text: str, principals: Principals) -> list[str]:
    pieces = [piece.strip() for piece in text.split(",")]
    return sorted({named(piece, principals) for piece in pieces if piece})


def _people_write(names: Any, principals: Principals) -> str:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("une liste de groupes ou de comptes est attendue")
    reasons = [reason for name in names if (reason := refused(name, principals))]
    if reasons:
        raise ValueError(" ; ".join(reasons))
    return ",".join(f"*{sid_of(name, principals)}" for name in sorted(names))


def _rights_about(section: str, line: str, principals: Principals) -> str:
    return next((right for right in RIGHTS if right.casefold() == _key(line).casefold()), "") if "=" in line else ""


def _rights_read(section: str, line: str, principals: Principals) -> tuple[str, Any]:
    return _rights_about(section, line, principals), _people_read(line.partition("=")[2], principals)


def _rights_write(name: str, value: Any, principals: Principals) -> Iterator[tuple[str, str]]:
    if name not in RIGHTS:
        near = difflib.get_close_matches(name, RIGHTS, n=1)
        raise ValueError("droit inconnu" + (f", vouliez-vous dire « {near[0]} » ?" if near else ""))
    yield "Privilege Rights", f"{name} = {_people_write(value, principals)}"


# services: "name",startup,"SDDL" (MS-GPSB 2.2.8)


def _service_about(section: str, line: str, principals: Principals) -> str:
    match = _SERVICE.fullmatch(line)
    return match[1] if match else ""


def _service_read(section: str, line: str, principals: Principals) -> tuple[str, Any]:
    match = _SERVICE.fullmatch(line)
    assert match is not None
    value = {"startup": STARTUP.read(match[2])}
    if match[3]:
        value["permissions"] = _SID.sub(lambda sid: f"{{{principals.name(sid[0])}}}", match[3])
    return match[1], value


def _service_write(name: str, value: Any, principals: Principals) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r'[^",]+', name):
        raise ValueError("le nom court d’un service est attendu")
    permissions = value.get("permissions", "")
    reasons = [reason for group in _NAMED.findall(permissions) if (reason := refused(group, principals))]
    if reasons:
        raise ValueError(" ; ".join(reasons))
    if '"' in permissions or _SID.search(permissions):
        raise ValueError("permissions : un texte SDDL est attendu, les groupes par leur nom entre accolades")
    sddl = _NAMED.sub(lambda match: sid_of(match[1], principals), permissions)
    yield "Service General Setting", f'"{name}",{STARTUP.write(value.get("startup"))},"{sddl}"'


# restricted groups: *SID__Members = *SID,… and *SID__Memberof = … (MS-GPSB 2.2.6)

_RELATIONS = {"members": "Members", "member_of": "Memberof"}


def _group_about(section: str, line: str, principals: Principals) -> str:
    group, separator, relation = _key(line).rpartition("__")
    known = relation.casefold() in {wire.casefold() for wire in _RELATIONS.values()}
    return named(group, principals) if separator and known and "=" in line else ""


def _group_read(section: str, line: str, principals: Principals) -> tuple[str, Any]:
    relation = _key(line).rpartition("__")[2].casefold()
    name = next(name for name, wire in _RELATIONS.items() if wire.casefold() == relation)
    people = _people_read(line.partition("=")[2], principals)
    return _group_about(section, line, principals), {name: people}


def _group_write(name: str, value: Any, principals: Principals) -> Iterator[tuple[str, str]]:
    if reason := refused(name, principals):
        raise ValueError(reason)
    if not value:
        raise ValueError("members ou member_of est attendu")
    for relation, wire in _RELATIONS.items():
        if relation in value:
            people = _people_write(value[relation], principals)
            yield "Group Membership", f"*{sid_of(name, principals)}__{wire} = {people}"


_PEOPLE = "Names of groups and accounts."
_SECTIONS = (
    _settings("accounts", "Passwords, lockout and built-in accounts.", ACCOUNTS),
    _settings("kerberos", "Kerberos tickets of the domain.", KERBEROS),
    _settings("event_logs", "Classic event logs.", EVENT_LOGS),
    _settings("legacy_audit", "Audit by category; `audit` is finer and replaces it.", LEGACY_AUDIT),
    Section(
        _map(
            "registry_values",
            "Security options, under `MACHINE\\Key\\Value`.",
            caseless=True,
            of=(
                Field("type", "Registry type.", required=True, choices=tuple(_REGISTRY_TYPES)),
                Field("data", "A number, a text or a list, by the type.", type="raw", required=True),
            ),
        ),
        frozenset({"Registry Values"}),
        _registry_read,
        _registry_write,
        _registry_about,
    ),
    Section(
        _map(
            "rights",
            "Who has each right or privilege, as a list of groups and accounts; nobody for an empty one.",
            elements="raw",
            normalise=lambda value: sorted(value) if isinstance(value, list) else value,
        ),
        frozenset({"Privilege Rights"}),
        _rights_read,
        _rights_write,
        _rights_about,
    ),
    Section(
        _map(
            "services",
            "System services by short name.",
            caseless=True,
            of=(
                Field("startup", "How the service starts.", required=True, choices=tuple(STARTUP.words)),
                Field("permissions", "Its rights in SDDL, groups by their names in braces."),
            ),
        ),
        frozenset({"Service General Setting"}),
        _service_read,
        _service_write,
        _service_about,
    ),
    Section(
        _map(
            "restricted_groups",
            "Local groups whose members, or whose groups, are imposed.",
            caseless=True,
            of=(
                Field("members", f"All its members. {_PEOPLE}", type="list", unordered=True),
                Field("member_of", f"Groups that it joins. {_PEOPLE}", type="list", unordered=True),
            ),
        ),
        frozenset({"Group Membership"}),
        _group_read,
        _group_write,
        _group_about,
    ),
)


class Security:
    """The part `security`."""

    field = Field(
        "security",
        "Security template.",
        type="dict",
        of=tuple(section.field for section in _SECTIONS),
    )
    sides: frozenset[Side] = frozenset({"computer"})

    def take(self, content: Content, principals: Principals) -> dict[str, Any] | None:
        result: dict[str, Any] = {}
        for section in _SECTIONS:
            entries: dict[str, Any] = {}
            for title, lines in _lines(content, section):
                kept = []
                for line in lines:
                    try:
                        known = section.is_about(title, line, principals)
                        name, value = section.read(title, line, principals) if known else ("", None)
                    except (ValueError, StopIteration):
                        name = ""
                    if not name:
                        kept.append(line)
                    elif isinstance(value, dict):
                        entries[name] = entries.get(name, {}) | value
                    else:
                        entries[name] = value
                lines[:] = kept
            if entries:
                result[section.field.name] = entries
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        for section in _SECTIONS:
            name = section.field.name
            for entry, _, value in changes((before or {}).get(name), (after or {}).get(name)):
                desired = [] if value is None else list(section.write(entry, value, principals))
                self._set(content, section, entry, desired, principals)
        for title in [
            title for title, lines in content.security.items() if not lines and title.casefold() not in HEADER
        ]:
            del content.security[title]

    def _set(
        self, content: Content, section: Section, entry: str, desired: list[tuple[str, str]], principals: Principals
    ) -> None:
        titles = {title.casefold(): title for title in content.security}
        for title in sorted(section.sections):
            mine = [line for where, line in desired if where == title]
            lines = content.security.setdefault(titles.get(title.casefold(), title), [])

            def concerns(line: str, title: str = title) -> bool:
                return section.is_about(title, line, principals).casefold() == entry.casefold()

            put_in_place(lines, concerns, mine)

    def pairs(self, content: Content) -> frozenset[Pair]:
        meaningful = any(lines for title, lines in content.security.items() if title.casefold() not in HEADER)
        return frozenset({extensions.SECURITY}) if meaningful else frozenset()

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults = []
        for section in _SECTIONS:
            for entry, desired in ((value or {}).get(section.field.name) or {}).items():
                if desired is None:
                    continue
                try:
                    list(section.write(entry, desired, principals))
                except ValueError as error:
                    faults.append(Fault(f"{path}.{section.field.name}[{entry}]", str(error)))
        return faults


def _lines(content: Content, section: Section) -> Iterator[tuple[str, list[str]]]:
    known = {title.casefold() for title in section.sections}
    for title, lines in content.security.items():
        if title.casefold() in known:
            yield title, lines
