"""The identity of a paper: reference, version, market and its parties, author, approver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from piste.town.model.documents import FIRST, Documents


@dataclass(frozen=True, slots=True)
class Identity:
    """Declared identity of the documents of a town; the content of the `logo` is SVG or PNG."""

    declared: Documents
    logo: bytes = b""

    def of(self, kind: str, subject: str) -> IdentityData:
        """Give the identity of a document of a kind about a subject."""
        approver = self.declared.approver
        return {
            "reference": f"{self.declared.reference}/{kind}/{subject}",
            "version": self.declared.versions.get(kind, FIRST),
            "market": self.declared.market,
            "lot": self.declared.lot,
            "town": self.declared.town,
            "holder": self.declared.holder,
            "author": self.declared.author,
            "approver": approver.role,
            "approved_by": approver.person,
        }


class IdentityData(TypedDict):
    """Reference, version, market, parties, author, approver of a document.

    `town` and `holder` are the legal names of the parties; `approved_by` is the person. None is not known yet.
    """

    reference: str
    version: str
    market: str | None
    lot: str | None
    town: str | None
    holder: str | None
    author: str
    approver: str
    approved_by: str | None
