"""Categories: pairs of a key and a value, by which everything else is grouped. Source: prism v4 ``config/categories``.

The only kind that is written at once, without a task. Those that the system makes for itself are referred to, never
written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from piste.converge.normalise import to_wire
from piste.converge.plan import Operation
from piste.converge.reading import optional, text
from piste.converge.resource import Field, Resource, Shape
from piste.nutanix.documents import At
from piste.nutanix.driver import PrismDriver
from piste.nutanix.prism import CATEGORIES
from piste.nutanix.tasks import Script

_TERM = re.compile(r"(?!\$)[^/,!\"#%'()*+:;=?\\|\[\]^&]{1,64}")
"""What a key or a value may be [documented]."""


def term(text: str) -> str:
    """A key or a value. ValueError for one that the system does not take."""
    if not _TERM.fullmatch(text):
        raise ValueError(text)
    return text


RESOURCE = Resource(
    system="prism",
    name="category",
    doc="Catégorie",
    shape=Shape.COLLECTION,
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
        """A pair is unique in the system: asked for twice it is refused, never made twice."""
        body = to_wire(self.resource.fields, operation.after or {}, {})
        self.prism.write("POST", CATEGORIES, body={name: value for name, value in body.items() if value is not None})
        yield from ()

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"category:{operation.key}": "ce qui est rangé sous cette catégorie (machines, politiques) la perd"
            for operation in operations
            if operation.action == "delete"
        }
