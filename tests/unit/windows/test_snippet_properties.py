"""The properties that the snippets read: each is of a type that a public page documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from piste.systems.windows import snippets

TYPES: Mapping[str, Any] = snippets.documented()["types"]
TABLE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("snippet_properties.yml").read_text("utf-8"))
FILES: Mapping[str, Mapping[str, Any]] = TABLE["files"]
SOURCES = {file.name.removesuffix(".ps1"): file for file in files(snippets).iterdir() if file.name.endswith(".ps1")}
PLAIN = {"boolean", "string", "uint32", "int32", "int64", "double", "list", "object", "void", "enumeration"}
ACCESS = re.compile(r"(?:\$(\w+)(?:\[-?\d+\])?|\(([A-Z]\w+-\w+)\))((?:\.\w+\(?)+)")
"""A variable or a command in parentheses, then its properties; a method ends with a parenthesis."""


def accesses(name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each variable of a file with the path of properties that is read of it."""
    lines = (line for line in SOURCES[name].read_text("utf-8").splitlines() if not line.lstrip().startswith("#"))
    for variable, command, path in ACCESS.findall("\n".join(lines)):
        if variable != "given":
            yield variable or command, [part.replace("(", "()") for part in path.strip(".").split(".")]


def resolved(types: str | list[str], path: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the type of each property of a path. Raises KeyError for an unknown property."""
    for at, part in enumerate(path):
        each = [types] if isinstance(types, str) else types
        owner = next((name for name in each if part in TYPES.get(name, {}).get("has", {})), None)
        if owner is None:
            raise KeyError(f"{'.'.join(path[: at + 1])} of {types}")
        yield owner, part
        types = TYPES[owner]["has"][part].rstrip("?")


def known(name: str) -> Iterator[tuple[str, list[str], str | list[str]]]:
    for variable, path in accesses(name):
        types = FILES[name][variable]
        if types not in ("given", "own"):  # checked by their shapes: what is given, what is answered
            yield variable, path, types


@pytest.mark.parametrize("name", SOURCES)
def test_every_property_that_a_file_reads_is_documented(name: str) -> None:
    for _, path, types in known(name):
        assert list(resolved(types, path))


def test_the_table_has_nothing_that_no_file_reads() -> None:
    assert {name: {variable for variable, _ in accesses(name)} for name in FILES} == {
        name: set(variables) for name, variables in FILES.items()
    }
    used = {pair for name in FILES for _, path, types in known(name) for pair in resolved(types, path)}
    assert {(owner, part) for owner, about in TYPES.items() for part in about["has"]} == used


def test_every_type_leads_to_a_type_or_a_plain_value_and_has_its_page() -> None:
    given = {kind.rstrip("?") for about in TYPES.values() for kind in about["has"].values()}
    assert given <= PLAIN | set(TYPES)
    assert all(re.fullmatch(r"(previous-versions|powershell|dotnet|windows|openspecs)/[\w./-]+", about["page"])
               for about in TYPES.values())  # fmt: skip


def test_nothing_is_read_of_what_may_be_null() -> None:
    """Strict mode refuses a property of null."""
    unsure = {part for about in TYPES.values() for part, kind in about["has"].items() if kind.endswith("?")}
    for name in SOURCES:
        assert [path for _, path, _ in known(name) if unsure & set(path[:-1])] == []


def test_a_property_that_no_page_has_is_seen() -> None:
    with pytest.raises(KeyError, match=r"LeaseDuration\.Seconds"):
        list(resolved("DhcpServerv4Scope", ["LeaseDuration", "Seconds"]))
