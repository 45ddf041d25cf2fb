"""The bill of materials: each package and its licence (CycloneDX 1.5).

Python packages are locked; those of Debian have the version of the machine that installs them, which is not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

FILE = "sbom.cdx.json"
TESTS = "test.txt"
"""The list of the developers' packages: they are not shipped."""
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_DEBIAN = re.compile(r"^[a-z0-9][a-z0-9.+-]+$", re.MULTILINE)
_WHOLE = re.compile(r"^Files: *\*.*?^License: *(.+?)$", re.MULTILINE | re.DOTALL)
"""The licence of most files of a Debian package (machine-readable debian/copyright, version 1.0)."""
COPYRIGHT = Path("/usr/share/doc")
_CLASSIFIER = "License :: "


def bom(lists: Path) -> dict[str, Any]:
    """Make the document from a folder of locked lists; no network, no date, the same each time.

    A package whose licence is not read here has no `licenses`.
    """
    where: dict[tuple[str, str], list[str]] = {}
    debian: dict[str, list[str]] = {}
    for path in sorted(lists.glob("*.txt")):
        if path.name != TESTS:
            text = path.read_text("utf-8")
            for name, version in _PINNED.findall(text):
                where.setdefault((re.sub(r"[-_.]+", "-", name.lower()), version), []).append(path.name)
            for name in _DEBIAN.findall(text):
                debian.setdefault(name, []).append(path.name)
    own = {"type": "application", "bom-ref": "piste", "name": "piste", "version": own_version()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**own, "licenses": [{"expression": "EUPL-1.2"}]}},
        "components": [
            *(
                _component(f"pkg:pypi/{name}@{version}", name, _licences(name), named, version=version)
                for (name, version), named in sorted(where.items())
            ),
            *(
                _component(f"pkg:deb/debian/{name}", name, _copyright(name), named)
                for name, named in sorted(debian.items())
            ),
        ],
    }


def unlicensed(made: dict[str, Any]) -> list[str]:
    """Name the packages whose licence is not read."""
    return list(dict.fromkeys(entry["name"] for entry in made["components"] if "licenses" not in entry))


def own_version() -> str:
    try:
        return metadata.version("piste")
    except metadata.PackageNotFoundError:
        return "inconnu"


def _component(
    reference: str, name: str, licences: Iterable[dict[str, Any]], lists: Iterable[str], **more: str
) -> dict[str, Any]:
    known = [*licences]
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        **more,
        "purl": reference,
        **({"licenses": known} if known else {}),
        "properties": [{"name": "piste:list", "value": f"requirements/{each}"} for each in dict.fromkeys(lists)],
    }


def _copyright(name: str) -> Iterator[dict[str, Any]]:
    """Give the licence of most files of a Debian package that is installed here."""
    with suppress(OSError):
        if said := _WHOLE.search((COPYRIGHT / name / "copyright").read_text("utf-8", "replace")):
            yield {"license": {"name": said[1].strip()}}


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
