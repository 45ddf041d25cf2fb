"""What each site keeps as it was found on the systems of one environment: a file a site, `<site>.yml`.

The file says the name that the site's network bears, where it is not the rule's, and by system, kind and key the
values that the declaration leaves as they are. What a value may be is for the table of its kind to say.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from .faults import Faults, Mark
from .schema import Form
from .source import read
from .wording import explain


class Found(Form):
    """What one site keeps as it was found."""

    network_name: Annotated[str, Field(min_length=1)] | None = None
    as_found: dict[str, dict[str, dict[str, dict[str, Any]]]] = Field(default_factory=dict)


_ADAPTER = TypeAdapter(Found)


def read_found(folder: Path, sites: Container[str], faults: Faults, root: Path) -> dict[str, Found]:
    """Read the files of a folder, by site; none where there is no folder. Faults are added to `faults`.

    Files under `root` are shown relative to it.
    """
    result: dict[str, Found] = {}
    for path in _files(folder):
        name, before = path.stem, len(faults)
        shown = str(path.relative_to(root) if path.is_relative_to(root) else path)
        document = read(path, shown, faults, f"as_found[{name}]")
        if name not in sites:
            message = f"Aucun site de l'inventaire ne se nomme « {name} »"
            faults.add("PISTE-M021", f"as_found[{name}]", Mark(shown, 1), message)
        elif len(faults) == before:
            try:
                result[name] = _ADAPTER.validate_python(document.data)
            except ValidationError as error:
                for detail in error.errors(include_url=False):
                    rule, message, advice = explain(detail, Found)
                    where = ".".join(map(str, (f"as_found[{name}]", *detail["loc"])))
                    faults.add(rule, where, document.mark(detail["loc"]), message, advice)
    return result


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob("*.yml"))) if folder.is_dir() else iter(())
