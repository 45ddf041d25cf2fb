"""Errors of the logs."""

from __future__ import annotations

from piste.engine.converge.errors import PisteError


class UnreadTree(PisteError):
    """The tree of the collector cannot be read from here: everything in it is unknown."""

    code = "PISTE-E138"
    kind = "unknown"


class NotExported(PisteError):
    """A month that may not be exported: not over, or exported already with other contents."""

    code = "PISTE-E139"
    kind = "refused"


class NotDeletable(PisteError):
    """Days that may not be deleted: never sealed, changed since, or not exported."""

    code = "PISTE-E140"
    kind = "refused"
