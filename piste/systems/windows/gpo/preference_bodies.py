"""Bodies of preferences that are more than attributes, and names of the less regular kinds."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo.part import Principals
from piste.systems.windows.gpo.xml import elements

if TYPE_CHECKING:
    from lxml.etree import _Element

HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
# The plans of Windows (Power.admx). The GUID of any other plan is made by each computer.
PLANS = {
    "balanced": "{381B4222-F694-41F0-9685-FF5BB260DF2E}",
    "power_saver": "{A1841308-3541-4FAB-BC81-F71556F20B4A}",
    "high_performance": "{8C5E7FDA-E8BF-4A96-9A85-A6E23A8C635C}",
}
TYPES = {
    "sz": "REG_SZ",
    "expand_sz": "REG_EXPAND_SZ",
    "multi_sz": "REG_MULTI_SZ",
    "dword": "REG_DWORD",
    "qword": "REG_QWORD",
    "binary": "REG_BINARY",
}
_DIGITS = {"dword": 8, "qword": 16}
_BUILTIN = "BUILTIN\\"
_HERE = ".\\"
"""Prefix of a local account of the computer, which the directory does not know."""


class Members:
    """Members of a local group: `Members/Member`, each with an action."""

    wires = ()
    fields = (
        Field(
            "members",
            "Accounts to add to the group or remove from it; .\\name is an account of the computer itself.",
            type="map",
            elements="str",
            choices=("add", "remove"),
        ),
    )

    def take(self, properties: _Element, principals: Principals) -> dict[str, Any]:
        members: dict[str, str] = {}
        for holder in elements(properties):
            if holder.tag != "Members":
                raise ValueError(holder.tag)
            for member in elements(holder):
                action = member.get("action", "").lower()
                if action not in ("add", "remove") or set(member.attrib) - {"name", "action", "sid"}:
                    raise ValueError(member.get("name"))
                members[_member(member.get("name", ""), member.get("sid", ""), principals)] = action
        return {"members": members} if members else {}

    def put(self, properties: _Element, value: Mapping[str, Any], principals: Principals) -> None:
        for child in list(properties):
            properties.remove(child)
        members = value.get("members") or {}
        if not members:
            return
        holder = etree.SubElement(properties, "Members")
        for name, action in members.items():
            sid = principals.sid(name) if _of_directory(name) else ""
            etree.SubElement(holder, "Member", name=name.removeprefix(_HERE), action=action.upper(), sid=sid)

    def check(self, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        return [
            Fault(
                f"{path}.members[{name}]",
                f"« {name} » n’existe pas dans l’annuaire ; {_HERE}{name} est un compte du poste lui-même",
            )
            for name in value.get("members") or {}
            if _of_directory(name) and not _known(name, principals)
        ]


def _of_directory(name: str) -> bool:
    return not name.startswith(_HERE) and "%" not in name


def _member(name: str, sid: str, principals: Principals) -> str:
    if sid:
        return principals.name(sid)
    if not name:
        raise ValueError(name)
    return name if "%" in name or "\\" in name else f"{_HERE}{name}"


def _known(name: str, principals: Principals) -> bool:
    try:
        principals.sid(name)
    except KeyError:
        return False
    return True


class RegistryData:
    """Type and data of a registry value, as in the section `registry` of a GPO.

    The lines of a multi-string are `Values/Value`; the attribute `value` repeats them in one text.
    """

    wires = ("type", "value")
    fields = (
        Field("type", "Type of the value; none for the key alone.", choices=tuple(TYPES)),
        Field(
            "data",
            "A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not for `binary`.",
            type="raw",
        ),
        Field("base64", "The bytes of `binary`, in base64."),
    )

    def take(self, properties: _Element, principals: Principals) -> dict[str, Any]:
        wire, text = properties.get("type", ""), properties.get("value", "")
        lines: list[str] = []
        for holder in elements(properties):
            if holder.tag != "Values" or holder.attrib:
                raise ValueError(holder.tag)
            lines += [line.text or "" for line in elements(holder)]
        if not wire:
            return {}
        kind = next(name for name, known in (*TYPES.items(), ("", wire)) if known == wire)
        if not kind or (lines and kind != "multi_sz"):
            raise ValueError(wire)
        if kind == "binary":
            return {"type": kind, "base64": b64encode(bytes.fromhex(text)).decode()}
        return {"type": kind, "data": lines if kind == "multi_sz" else int(text, 16) if kind in _DIGITS else text}

    def put(self, properties: _Element, value: Mapping[str, Any], principals: Principals) -> None:
        for child in list(properties):
            properties.remove(child)
        kind, data = value.get("type"), value.get("data", "")
        text = str(data)
        if kind == "multi_sz":
            text = " ".join(data)
            holder = etree.SubElement(properties, "Values")
            for line in data:
                etree.SubElement(holder, "Value").text = line
        elif kind in _DIGITS:
            text = f"{data or 0:0{_DIGITS[kind]}X}"
        elif kind == "binary":
            text = b64decode(value.get("base64", "")).hex(" ")
        properties.set("type", TYPES[kind] if kind else "")
        properties.set("value", text)

    def check(self, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        kind = value.get("type")
        given = [name for name in ("data", "base64") if name in value]
        desired = [] if kind is None else ["base64" if kind == "binary" else "data"]
        if given != desired and not (value.get("action") == "delete" and not given):
            expected = f"{desired[0]} est attendu avec le type {kind}" if desired else "une donnée demande un type"
            return [Fault(path, expected)]
        return [Fault(f"{path}.{name}", reason) for name in given if (reason := _misfit(str(kind), value[name]))]


def _misfit(kind: str, data: Any) -> str:
    """Reason why data is not of its type, in French; empty where it is."""
    if kind in _DIGITS:
        fits = isinstance(data, int) and not isinstance(data, bool) and 0 <= data < 16 ** _DIGITS[kind]
        return "" if fits else f"« {data} » n’est pas un nombre de {4 * _DIGITS[kind]} bits"
    if kind == "multi_sz":
        fits = isinstance(data, list) and all(isinstance(line, str) for line in data)
        return "" if fits else "une liste de textes est attendue"
    if kind == "binary":
        try:
            fits = b64encode(b64decode(data, validate=True)).decode() == data
        except ValueError:
            fits = False
        return "" if fits else "des octets en base64 sont attendus"
    return "" if isinstance(data, str) else "un texte est attendu"


class RegistryName:
    """Name `HKLM\\Key!Value`; `HKLM\\Key!` is the key's default value, `HKLM\\Key` the key itself."""

    wires = ("hive", "key", "name", "default")

    def key(self, attributes: Mapping[str, str], principals: Principals) -> str:
        hive = next((short for short, long in HIVES.items() if long == attributes.get("hive")), None)
        key, name = attributes.get("key", ""), attributes.get("name", "")
        if hive is None or not key or "!" in key or (attributes.get("default") == "1" and name):
            raise ValueError(key)
        valued = attributes.get("default") == "1" or name
        return f"{hive}\\{key}!{name}" if valued else f"{hive}\\{key}"

    def parts(self, key: str, principals: Principals) -> dict[str, str]:
        hive, _, rest = key.partition("\\")
        path, valued, name = rest.partition("!")
        if hive not in HIVES or not path.strip("\\"):
            raise ValueError(key)
        default = "1" if valued and not name else "0"
        return {"hive": HIVES[hive], "key": path, "name": name, "default": default}


def spelt(key: str) -> str:
    """Spell a registry name with the short name of its hive."""
    hive, mark, rest = key.partition("\\")
    return next((short for short, long in HIVES.items() if long == hive.upper()), hive.upper()) + mark + rest


class GroupName:
    """Name of a local group; a group of Windows is `BUILTIN\\name`, whatever the language."""

    wires = ("groupName", "groupSid")

    def key(self, attributes: Mapping[str, str], principals: Principals) -> str:
        sid, name = attributes.get("groupSid", ""), attributes.get("groupName", "")
        known = principals.name(sid) if sid else ""
        if sid and not known.startswith(_BUILTIN):
            raise ValueError(sid)
        if not known and not name:
            raise ValueError(name)
        return known or name

    def parts(self, key: str, principals: Principals) -> dict[str, str]:
        if not key.startswith(_BUILTIN):
            return {"groupName": key, "groupSid": ""}
        return {"groupName": f"{key.removeprefix(_BUILTIN)} (built-in)", "groupSid": principals.sid(key)}


class PlanName:
    """Name of a plan of Windows, or GUID of another power plan."""

    wires = ("nameGuid",)

    def key(self, attributes: Mapping[str, str], principals: Principals) -> str:
        guid = attributes.get("nameGuid", "").upper()
        if not guid:
            raise ValueError(guid)
        return next((name for name, known in PLANS.items() if known == guid), guid)

    def parts(self, key: str, principals: Principals) -> dict[str, str]:
        if key not in PLANS and not (key.startswith("{") and key.endswith("}")):
            raise ValueError(key)
        return {"nameGuid": PLANS.get(key, key)}
