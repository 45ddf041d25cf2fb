"""Images that disks are made from, known by name. Source: vmm v4 `content/images`.

The origin of an image is given once, at its creation; its content never changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import mapped, text
from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.spec import REHEARSE
from piste.systems.nutanix.connection import CLUSTER
from piste.systems.nutanix.documents import At
from piste.systems.nutanix.driver import PrismDriver
from piste.systems.nutanix.foreign import FOREIGN
from piste.systems.nutanix.prism import IMAGES

_V = "vmm.v4.content"
_CHECKSUM = re.compile(r"sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}")


def checksum(text: str) -> str:
    """Normalise a checksum, `sha256:…` or `sha1:…`, to lower case. Raises `ValueError`."""
    if not _CHECKSUM.fullmatch(text.lower()):
        raise ValueError(text)
    return text.lower()


RESOURCE = Resource(
    system="prism",
    name="image",
    doc="Image de disque",
    endpoint=At(IMAGES, frozenset({"sizeBytes", "createTime", "lastUpdateTime", "ownerName", "placementPolicyStatus"})),
    known=frozenset(
        {
            "ownerExtId",
            "source",
            "categoryExtIds",
            "clusterLocationExtIds",
            "contentRepositoryExtId",
            "projectExtId",
            "isSharedWithAllProjects",
        }
    ),
    fields=(
        Field("name", "Name of the image; its identity.", required=True, maximum=256),
        Field("formerly", "Names that it bore before: it is renamed.", type="list", path_only=True),
        Field("description", "Description; null clears it.", nullable=True, default=None, maximum=1000),
        Field("type", "What it holds.", choices=("DISK_IMAGE", "ISO_IMAGE"), create_only=True),
        Field("url", "Address from which the system fetches it, over HTTPS.", create_only=True),
        Field(
            "checksum",
            "What it must sum up to, C(sha256:…) or C(sha1:…): the system refuses another content.",
            create_only=True,
            normalise=checksum,
        ),
    ),
)


class Images(PrismDriver):
    resource = RESOURCE
    options = (CLUSTER, FOREIGN, REHEARSE)

    def plain(self, document: Mapping[str, Any], desired: Item) -> dict[str, Any]:
        plain = super().plain(document, desired)
        if url := mapped(plain.get("source")).get("url"):
            plain["url"] = url
        if digest := document.get("checksum"):
            kind = "sha1" if text(digest["$objectType"]).endswith("Sha1Checksum") else "sha256"
            plain["checksum"] = f"{kind}:{text(digest['hexDigest'])}"
        return plain

    def wire(self, content: Item, document: Mapping[str, Any]) -> dict[str, Any]:
        wire = super().wire(content, document)
        if document:
            return wire
        if url := wire.pop("url", None):
            wire["source"] = {"$objectType": f"{_V}.UrlSource", "url": url}
        if text := wire.pop("checksum", None):
            kind, _, digest = text.partition(":")
            wire["checksum"] = {"$objectType": f"{_V}.Image{kind.capitalize()}Checksum", "hexDigest": digest}
        if self.scope:
            wire["clusterLocationExtIds"] = [self.known.cluster_id]
        return wire

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"{operation.name} : dites d’où le système prend l’image (url) et ce qu’elle est (type)"
            for operation in operations
            if operation.action == "create" and not {"url", "type"} <= set(operation.after or {})
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"image:{operation.key}": "supprimer une image : plus aucun disque n’en sera fait"
            for operation in operations
            if operation.action == "delete"
        }
