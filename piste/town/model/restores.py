"""Restore tests: form, derivation, rules (CCTP 3.2.4, 3.6, 6.3, 6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .forms import Form, Marked, PortNumber, data
from .third_parties import check_name

if TYPE_CHECKING:
    from .declaration import Declaration
    from .paths import KeyPath
    from .protection.derived import ProtectedSet
    from .view import View

RestoreTestName = Annotated[str, AfterValidator(values.label)]
Days = Annotated[int, Field(ge=1, le=1100)]
Hours = Annotated[int, Field(ge=1, le=8760)]
Steps = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
Method = Literal[
    "machine", "share", "directory_object", "directory", "policy", "nps", "procedure", "repository"
]
Proves = Literal["critical_server", "type_pc_school", "type_pc_public"]
DEMANDED: Mapping[Proves, str] = {
    "critical_server": "serveur critique (CCTP 6.6)",
    "type_pc_school": "poste type « école » (CCTP 3.6)",
    "type_pc_public": "poste type « accueil public » (CCTP 3.6)",
}
"""The restores that the tender demands a signed record of (F15)."""
FIELDS: Mapping[Method, tuple[frozenset[str], frozenset[str]]] = {
    "machine": (frozenset({"set", "network", "probes"}), frozenset()),
    "share": (frozenset({"set"}), frozenset({"sample"})),
    "directory_object": (frozenset({"object"}), frozenset({"set"})),
    "directory": (frozenset({"set"}), frozenset()),
    "policy": (frozenset({"object", "set"}), frozenset()),
    "nps": (frozenset({"server"}), frozenset({"set"})),
    "procedure": (frozenset({"steps", "checks"}), frozenset({"set"})),
    "repository": (frozenset(), frozenset({"set"})),
}
"""Fields of each method: those that it needs, those that it may have."""
_OF_A_METHOD = frozenset().union(*(needs | may for needs, may in FIELDS.values()))


class RestoreProbe(Form):
    """A port of a restored machine that must open."""

    tcp: PortNumber
    label: str | None = None


class DeclaredRestoreTest(Marked):
    """A restore test.

    `set` is a protected set, or a machine; `every_days` is how long a proof is good.
    `network` is the isolated subnet of a restored machine; `object` the account that is deleted and restored, or the
    policy that is made again from its copy; `sample` the count of files whose digests are compared; `steps` and
    `checks` are a procedure, signed by a person.
    """

    label: str
    method: Method
    every_days: Days
    requirement: Proves | None = None
    rto_hours: Hours | None = None
    set: str | None = None
    store: str | None = None
    network: str | None = None
    probes: list[RestoreProbe] = Field(default_factory=list)
    object: str | None = None
    server: str | None = None
    sample: Annotated[int, Field(ge=1, le=10_000)] = 20
    steps: Steps | None = None
    checks: Steps | None = None
    cctp: str | None = None


class Probe(TypedDict):
    tcp: int
    label: str | None


class RestoreTest(TypedDict):
    """A derived restore test; `rto_hours` is its own, else that of its set."""

    name: str
    label: str
    method: Method
    every_days: int
    requirement: Proves | None
    rto_hours: int | None
    rpo_hours: int | None
    set: str | None
    store: str | None
    network: str | None
    probes: list[Probe]
    object: str | None
    server: str | None
    sample: int
    steps: list[str] | None
    checks: list[str] | None
    cctp: str | None
    status: str | None


def derive_restore_tests(declaration: Declaration, sets: Iterable[ProtectedSet]) -> list[RestoreTest]:
    """Derive the restore tests, in the order of their declaration."""
    protected = {entry["name"]: entry for entry in sets}
    return [
        data(
            entry,
            name=name,
            rpo_hours=its["rpo_hours"] if its else None,
            **({"rto_hours": its["rto_hours"]} if its and entry.rto_hours is None else {}),
        )
        for name, entry in declaration.town.variables.restore_tests.items()
        for its in (protected.get(entry.set or ""),)
    ]


def check_restore_tests(view: View) -> None:
    """M315 to M317: fields of each method, known names, a test for every demanded restore."""
    tests = view.declared.town.variables.restore_tests
    for path, what, name, known in _references(view):
        check_name(view, path, what, name, known, "PISTE-M316")
    for name, entry in tests.items():
        for field, fault in _faults(entry):
            mark = view.declared.town.where(("restore_tests", name, field))
            view.faults.add("PISTE-M315", f"restore_tests[{name}].{field}", mark, f"{name} : {fault}")
    proven = {entry.requirement for entry in tests.values()}
    for demanded, label in DEMANDED.items():
        if tests and demanded not in proven:
            mark = view.declared.town.where(("restore_tests",))
            view.faults.add("PISTE-M317", "restore_tests", mark, f"aucun essai ne prouve la restauration : {label}")


def _references(view: View) -> Iterator[tuple[KeyPath, str, str, list[str]]]:
    variables = view.declared.town.variables
    sets = [*variables.hosting_machines, *variables.protection.sets]
    policies = [*variables.directory_policies]
    servers = sorted(view.servers) if view.declared.complete else []
    known: Mapping[str, tuple[str, list[str]]] = {
        "set": ("l’ensemble protégé", sets),
        "store": ("l’endroit", [*variables.protection.stores]),
        "server": ("le serveur", servers),
    }
    for name, entry in variables.restore_tests.items():
        for field, (what, names) in known.items():
            if (value := getattr(entry, field)) and (names or field != "server"):
                yield ("restore_tests", name, field), f"{name} : {what}", value, names
        if entry.method == "policy" and entry.object:
            yield ("restore_tests", name, "object"), f"{name} : la stratégie", entry.object, policies


def _faults(entry: DeclaredRestoreTest) -> Iterator[tuple[str, str]]:
    """List the fields that a method lacks, then those of other methods."""
    needs, may = FIELDS[entry.method]
    given = {field for field in _OF_A_METHOD & entry.model_fields_set if getattr(entry, field) not in (None, [])}
    for field in sorted(needs - given):
        yield field, f"la méthode {entry.method} demande {field}"
    for field in sorted(given - needs - may):
        yield field, f"{field} ne dit rien à la méthode {entry.method}"
