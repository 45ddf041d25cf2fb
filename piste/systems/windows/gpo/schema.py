"""XML schemas of the documents of a GPO, and violations of them.

The schemas are written for Piste, from the rules of the documents (MS-GPPREF 2.2.1, MS-GPWL 6) and not from the tables:
neither hides a fault of the other. They let pass what the rules leave open: attributes and elements of later versions.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

FOLDER = Path(str(files("piste.systems.windows.gpo") / "schemas"))


def violation(name: str, root: _Element) -> str:
    """Violation of the schema `name` (`LANPolicy`): line and reason; empty without any."""
    schema = _schema(name)
    if schema.validate(root):
        return ""
    fault = schema.error_log.last_error
    if fault is None:
        return "le schéma n’est pas respecté"
    return f"ligne {fault.line} : {fault.message}" if fault.line else fault.message


@cache
def _schema(name: str) -> etree.XMLSchema:
    reader = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(FOLDER / f"{name}.xsd", reader))
