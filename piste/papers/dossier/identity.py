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
            "version": self.declared.version(kind),
            "history": self._history(kind),
            "market": self.declared.market,
            "lot": self.declared.lot,
            "town": self.declared.town,
            "holder": self.declared.holder,
            "author": self.declared.author,
            "approver": approver.role,
            "approved_by": approver.person,
        }

    def _history(self, kind: str) -> list[Edition]:
        given = self.declared.versions.get(kind)
        if given is None:
            return [{"version": FIRST, "day": None, "author": self.declared.author, "what": "Première version"}]
        if isinstance(given, str):
            return [{"version": given, "day": None, "author": None, "what": None}]
        return [{"version": each.version, "day": each.day, "author": each.author, "what": each.what} for each in given]


class Edition(TypedDict):
    """A version of a document; an undeclared first version has no day."""

    version: str
    day: str | None
    author: str | None
    what: str | None


class IdentityData(TypedDict):
    """Reference, version and its history, market, parties, author, approver of a document.

    `town` and `holder` are the legal names of the parties; `approved_by` is the person. None is not known yet.
    """

    reference: str
    version: str
    history: list[Edition]
    market: str | None
    lot: str | None
    town: str | None
    holder: str | None
    author: str
    approver: str
    approved_by: str | None
