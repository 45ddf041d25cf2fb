"""Categories: pairs of a key and a value, by which all other objects are grouped.

They are the only kind written at once, without a task. The system's own categories may be referred to, and are never
written. Source: prism v4 `config/categories`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.normalise import to_wire
from piste.engine.converge.plan import Operation
from piste.engine.converge.reading import optional, text
from piste.engine.converge.resource import Field, Resource
from piste.systems.nutanix.documents import At
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.prism import CATEGORIES
from piste.systems.nutanix.tasks import Script

_TERM = re.compile(r"(?!\$)[^/,!\"#%'()*+:;=?\\|\[\]^&]{1,64}")
"""Form of a key or a value [documented]."""


def term(text: str) -> str:
    """Check a key or a value of a category. Raises `ValueError`."""
    if not _TERM.fullmatch(text):
        raise ValueError(text)
    return text


RESOURCE = Resource(
    system="prism",
    name="category",
    doc="Catégorie",
    key=("key", "value"),
    endpoint=At(CATEGORIES, frozenset({"type", "associations", "detailedAssociations"})),
    known=frozenset({"ownerUuid", "projectExtId", "sharedWithProjects", "isSharedWithAllProjects"}),
    fields=(
        Field("key", "Key of the pair.", required=True, normalise=term),
        Field("value", "Value of the pair.", required=True, normalise=term),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=512),
    ),
)


class Categories(PrismDriver):
    resource = RESOURCE

    def key(self, document: Mapping[str, Any]) -> str:
        return f"{text(document['key'])}/{text(document['value'])}"

    def ours(self, document: Mapping[str, Any]) -> bool:
        return optional(text, document.get("type")) in (None, "USER")

    def announced(self, key: str) -> str:
        return key.replace("/", ":", 1)

    def create(self, operation: Operation) -> Script:
        """Create a pair; the system refuses the same pair twice, so no request id is needed."""
        body = to_wire(self.resource.fields, operation.after or {}, {})
        self.prism.write("POST", CATEGORIES, body={name: value for name, value in body.items() if value is not None})
        yield from ()

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"category:{operation.key}": "ce qui est rangé sous cette catégorie (machines, politiques) la perd"
            for operation in operations
            if operation.action == "delete"
        }
