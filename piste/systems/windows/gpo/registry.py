"""Raw registry values of a side, without a named policy, under `KEY!VALUE` (MS-GPREG 2.2.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo import extensions, registry_pol
from piste.systems.windows.gpo.edits import changes
from piste.systems.windows.gpo.part import Content, Pair, Part, Principals, Side
from piste.systems.windows.gpo.registry_pol import Entry, Identity

_HIVES = ("hklm", "hkcu", "hkey_")
_IN_BASE64 = ("binary", "none")

FIELD = Field(
    "registry",
    "Registry values under `KEY!VALUE`, the key without its hive; for what no named policy says.",
    type="map",
    caseless=True,
    of=(
        Field("type", "Registry type.", choices=tuple(registry_pol.TYPES)),
        Field(
            "data",
            "A number for `dword` and `qword`, a list for `multi_sz`, else a text. Not for `binary` and `none`.",
            type="raw",
        ),
        Field("base64", "The bytes of `binary` and `none`, in base64."),
        Field("state", "`deleted` has the machine lose the value.", choices=("deleted",)),
    ),
)


class Registry:
    """The part `registry`: takes every value that the other parts left.

    Orders of the format, other than single deletions, stay in place. `named` are the parts that give values of
    `Registry.pol` a better name: a raw declaration of such a value is refused, since it would be read back under that
    name.
    """

    field = FIELD

    def __init__(self, named: Sequence[Part] = (), sides: Collection[Side] = ("computer", "user")) -> None:
        self.named, self.sides = named, frozenset(sides)

    def take(self, content: Content, principals: Principals) -> dict[str, Any] | None:
        deciding: dict[Identity, Entry] = {}
        for entry in content.registry:
            if not registry_pol.is_order(entry):
                deciding[registry_pol.identity(entry)] = entry
        result: dict[str, Any] = {}
        taken: set[Identity] = set()
        for identity, entry in deciding.items():
            value = _value(entry)
            if value is not None:
                result[f"{entry.key}!{registry_pol.bare_name(entry)}"] = value
                taken.add(identity)
        content.registry[:] = [
            entry
            for entry in content.registry
            if registry_pol.is_order(entry) or registry_pol.identity(entry) not in taken
        ]
        return result or None

    def put(self, content: Content, before: Any, after: Any, principals: Principals) -> None:
        for where, _, value in changes(before, after):
            desired = [] if value is None else [_entry(where, value)]
            identity = registry_pol.identity(Entry(*_split(where), 0, b""))
            registry_pol.replace(content.registry, lambda entry, it=identity: _is(entry, it), desired)  # type: ignore[misc]

    def pairs(self, content: Content) -> frozenset[Pair]:
        return extensions.administrative(content)

    def check(self, value: Any, path: str, principals: Principals) -> list[Fault]:
        faults: list[Fault] = []
        entries: list[Entry] = []
        for where, setting in (value or {}).items():
            reason = _misplaced(where) or ("" if setting is None else _misfit(setting))
            if reason:
                faults.append(Fault(f"{path}[{where}]", reason))
            elif setting is not None:
                entries.append(_entry(where, setting))
        for side in sorted(self.sides):
            content = Content(side=side, gpo="", registry=list(entries))
            for part in self.named:
                if side in part.sides and (taken := part.take(content, principals)):
                    faults += _better_named(part, taken, path)
        return list(dict.fromkeys(faults))


def _is(entry: Entry, identity: Identity) -> bool:
    return not registry_pol.is_order(entry) and registry_pol.identity(entry) == identity


def _split(where: str) -> tuple[str, str]:
    key, _, name = where.partition("!")
    return key, name


def _value(entry: Entry) -> dict[str, Any] | None:
    """Declared form of an entry; None where no form expresses it exactly."""
    texts = entry.key + entry.name
    if "!" in entry.key or not entry.key or not texts.isprintable():
        return None
    if registry_pol.is_deletion(entry):
        return {"state": "deleted"}
    kind = registry_pol.KINDS.get(entry.type)
    if kind is None:
        return None
    try:
        data = registry_pol.from_data(kind, entry.data)
    except ValueError:
        return None
    return {"type": kind, ("base64" if kind in _IN_BASE64 else "data"): data}


def _entry(where: str, value: Mapping[str, Any]) -> Entry:
    key, name = _split(where)
    if value.get("state") == "deleted":
        return registry_pol.deletion(key, name)
    kind = value["type"]
    return registry_pol.make(key, name, kind, value["base64" if kind in _IN_BASE64 else "data"])


def _misplaced(where: str) -> str:
    key, name = _split(where)
    if "!" not in where or not key:
        return "la forme « CLÉ!VALEUR » est attendue, par exemple « Software\\Policies\\Ville!Valeur »"
    if key.casefold().startswith(_HIVES):
        return "la clé s’écrit sans sa ruche (HKLM, HKCU) : c’est le côté, computer ou user, qui la dit"
    if key.startswith("\\") or key.endswith("\\") or "/" in key.split("\\")[0]:
        return "la clé s’écrit sans barre au début ni à la fin, avec des « \\ »"
    if name.startswith("**"):
        return "les ordres « ** » du format ne s’écrivent pas ici ; pour retirer une valeur, mettez state: deleted"
    return "" if where.isprintable() else "un caractère invisible n’est pas admis"


def _misfit(value: Mapping[str, Any]) -> str:
    given = [name for name in ("data", "base64") if name in value]
    if "state" in value:
        return "state: deleted s’écrit seul" if "type" in value or given else ""
    if "type" not in value:
        return "il manque le type (ou state: deleted)"
    kind = value["type"]
    desired = "base64" if kind in _IN_BASE64 else "data"
    if given != [desired]:
        return f"une valeur de type {kind} s’écrit avec {desired}, et avec lui seul"
    try:
        registry_pol.to_data(kind, value[desired])
    except ValueError as error:
        return f"{error}"
    return ""


def _better_named(part: Part, taken: Any, path: str) -> Iterable[Fault]:
    names = ", ".join(f"« {name} »" for name in taken) if isinstance(taken, Mapping) else ""
    yield Fault(path, f"des valeurs portent déjà un nom : déclarez-les sous « {part.field.name} » ({names})")
