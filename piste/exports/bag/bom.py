"""The bill of materials: each locked Python package and its licence (CycloneDX 1.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

FILE = "sbom.cdx.json"
TESTS = "test.txt"
"""The list of the developers' packages: they are not shipped."""
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_CLASSIFIER = "License :: "


def bom(lists: Path) -> dict[str, Any]:
    """Make the document from a folder of locked lists; no network, no date, the same each time.

    A package whose licence is not read here has no `licenses`.
    """
    where: dict[tuple[str, str], list[str]] = {}
    for path in sorted(lists.glob("*.txt")):
        if path.name != TESTS:
            for name, version in _PINNED.findall(path.read_text("utf-8")):
                where.setdefault((re.sub(r"[-_.]+", "-", name.lower()), version), []).append(path.name)
    own = {"type": "application", "bom-ref": "piste", "name": "piste", "version": _version()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**own, "licenses": [{"expression": "EUPL-1.2"}]}},
        "components": [_component(*package, lists) for package, lists in sorted(where.items())],
    }


def unlicensed(made: dict[str, Any]) -> list[str]:
    """Name the packages whose licence is not read."""
    return list(dict.fromkeys(entry["name"] for entry in made["components"] if "licenses" not in entry))


def _version() -> str:
    try:
        return metadata.version("piste")
    except metadata.PackageNotFoundError:
        return "inconnu"


def _component(name: str, version: str, lists: list[str]) -> dict[str, Any]:
    reference = f"pkg:pypi/{name}@{version}"
    licences = [*_licences(name)]
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        "purl": reference,
        **({"licenses": licences} if licences else {}),
        "properties": [{"name": "piste:list", "value": f"requirements/{each}"} for each in dict.fromkeys(lists)],
    }


def _licences(name: str) -> Iterator[dict[str, Any]]:
    """Give the licence of an installed package: expression, classifiers or name."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return
    classified = [each.split(" :: ")[-1] for each in said.get_all("Classifier", ()) if each.startswith(_CLASSIFIER)]
    named = said.get("License", "")
    if expression := said.get("License-Expression"):
        yield {"expression": expression}
    elif classified:
        yield from ({"license": {"name": each}} for each in dict.fromkeys(classified))
    elif named and len(named) <= 80 and "\n" not in named:
        yield {"license": {"name": named}}
