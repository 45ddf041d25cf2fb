"""Judges of the answers of Veeam, for the beliefs about it (`beliefs/veeam.yml`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.run import System
from piste.engine.words import agreed
from piste.systems.beliefs.answers import Answer, Verdict, answered, given, shown
from piste.systems.beliefs.asked import answering
from piste.systems.veeam.client import PAGE, Veeam
from piste.systems.veeam.connection import VEEAM

_INFO = "/api/v1/serverInfo"
_PAGED = re.compile(rf"GET /api/v1/[A-Za-z/]+\?(?:.*&)?skip=([0-9]+)&(?:.*&)?limit={PAGE}(?:&.*)?")


def pages(answers: Sequence[Answer]) -> Verdict:
    """A page has what is asked for, or all that is left."""
    right, wrong = list[str](), list[str]()
    for answer in answers:
        if match := _PAGED.fullmatch(answer.question):
            content = given(answer)
            size, left = len(content["data"]), content["pagination"]["total"] - int(match[1])
            said = f"{agreed(size, 'objet(s)')} sur {left}"
            if size != min(PAGE, max(left, 0)):
                wrong.append(said)
            elif size == PAGE:
                right.append(said)
    return shown(right, wrong)


def scale_out(answers: Sequence[Answer]) -> Verdict:
    """Each backup names a repository of the list."""
    repositories = {str(known["id"]) for known in _items(answers, "/api/v1/backupInfrastructure/repositories")}
    named = {str(backup["repositoryId"]) for backup in _items(answers, "/api/v1/backups")}
    return shown(named & repositories, named - repositories if repositories else ())


def sessions_gone(answers: Sequence[Answer]) -> Verdict:
    """A restore point whose session is forgotten says what it allows."""
    sessions = {session["id"] for session in _items(answers, "/api/v1/sessions")}
    points = [point for point in _items(answers, "/api/v1/restorePoints") if point.get("sessionId") not in sessions]
    without = [str(point["id"]) for point in points if not isinstance(point.get("allowedOperations"), list)]
    return shown([agreed(len(points), "point(s)")] if points and sessions else [], without if sessions else [])


def _items(answers: Sequence[Answer], path: str) -> Iterator[Mapping[str, Any]]:
    yield from (item for content in answered(answers, path) for item in content["data"])


def _ask(veeam: Veeam, path: str) -> Iterator[Answer]:
    """Ask for every page of a list."""
    for skip, content in veeam.pages(path):
        yield Answer(f"GET {path}?skip={skip}&limit={PAGE}", content)


def _version(veeam: Veeam) -> str:
    return str(veeam.document(_INFO, "buildVersion")["buildVersion"])


def _now(veeam: Veeam) -> float:
    return veeam.transport.now()


SYSTEM = System((VEEAM,), lambda params, vault: Veeam(params["veeam"]))
MODULES = answering("veeam_answers", "veeam", SYSTEM, _ask, _version, _now)
