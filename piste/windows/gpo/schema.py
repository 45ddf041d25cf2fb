"""Our own XML schemas of what a GPO holds, and what a document has against its schema.

They state the documents' rules (MS-GPPREF 2.2.1, MS-GPWL 6) apart from the tables, so that neither hides a fault of
the other, and let pass what those documents leave open: attributes and elements that later versions have added.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

FOLDER = Path(str(files("piste.windows.gpo") / "schemas"))


def violation(name: str, root: _Element) -> str:
    """What a document has against the schema `name` (`Drives`, `LANPolicy`): line and reason; empty where
    nothing."""
    schema = _schema(name)
    if schema.validate(root):
        return ""
    fault = schema.error_log.last_error
    if fault is None:
        return "le schéma n'est pas respecté"
    return f"ligne {fault.line} : {fault.message}" if fault.line else fault.message


@cache
def _schema(name: str) -> etree.XMLSchema:
    reader = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(FOLDER / f"{name}.xsd", reader))
