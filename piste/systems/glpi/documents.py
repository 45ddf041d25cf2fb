"""Documents: a signed report is a file of GLPI, attached to the change that notes it.

The High-Level API takes no file; the legacy API does. A document is known by its name, which holds the digest of what
it is: it is never filed twice. Source: `Document::post_addItem` of GLPI, which attaches it to `items_id`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import AnswerLost, Fault, Missing
from piste.engine.converge.resource import Field
from piste.engine.converge.untrusted import read_plain
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.legacy import Legacy

_FILE = re.compile(r"[\w.-]+\.pdf", re.ASCII)

DOCUMENTS = Field(
    "documents",
    "Files to attach to its change, by the legacy API.",
    type="list",
    default=[],
    of=(
        Field("name", "Name of the document: it decides whether it is filed.", required=True),
        Field("path", "Where the file is, a PDF.", required=True),
    ),
)


def faults(run: Mapping[str, Any]) -> Iterator[Fault]:
    """Say which files cannot be filed, before any request."""
    for document in run.get("documents") or ():
        path = Path(document["path"])
        where = f"runs[{run['id']}].documents[{document['name']}]"
        try:
            if not _FILE.fullmatch(path.name) or not read_plain(path).startswith(b"%PDF-"):
                yield Fault(where, f"« {path.name} » n’est pas un PDF")
        except OSError as error:
            yield Fault(where, f"« {path.name} » ne se lit pas : {error.strerror or error}")


def attach(glpi: Glpi, change: str, documents: Sequence[Mapping[str, Any]], *, check: bool) -> list[str]:
    """Attach the files that GLPI does not have to a change, by its name; return their names.

    GLPI attaches the file to what its form names [belief glpi.document].
    """
    legacy = Legacy(glpi)
    missing = [document for document in documents if not legacy.named("Document", document["name"])]
    if not missing or check:
        return [document["name"] for document in missing]
    ids = [item["id"] for item in glpi.some("Change", {"name": [change]}) if item.get("name") == change]
    if not ids:
        raise Missing(f"le changement « {change} » n’est pas dans GLPI", where=glpi.host)
    for document in missing:
        path = Path(document["path"])
        row = {"name": document["name"], "itemtype": "Change", "items_id": ids[0]}
        try:
            legacy.upload(row, path.name, read_plain(path))
        except AnswerLost:
            if not legacy.named("Document", document["name"]):
                legacy.upload(row, path.name, read_plain(path))
    return [document["name"] for document in missing]
