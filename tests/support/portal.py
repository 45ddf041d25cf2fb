"""A town with readings of every subject, as the portal knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from piste.engine.finding import Finding
from piste.exports.portal import rendering, site, town, write
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience, Page, Part
from piste.exports.portal.places import site_path
from piste.papers.dossier.blocks import Section
from piste.papers.dossier.subject import Subject
from piste.sites.status import Passage, SiteState
from piste.town.model import Town
from tests.support.dossier import SCHOOL, verification
from tests.support.dossier import town as whole_town

MOMENT = "2026-11-28T06:00:00+00:00"
HOSTILE = "<script>alert(1)</script>\"'{{ 7*7 }}</table>&amp;"
SITES = ("hotel-de-ville", SCHOOL, "mediatheque")


def passage(outcome: str, changes: int = 0, ended: str = "2026-11-27T05:00:00+00:00") -> Passage:
    return Passage("20261127T050000Z-0a1b2c", ended, "cdiallo", outcome, changes)


def record(**changes: Any) -> dict[str, Any]:
    """A run of the journal that changed a port of the school."""
    operation = {
        "system": "meraki", "kind": "switch_port", "label": "sw-jau-02/8", "key": "x", "owner": SCHOOL,
        "action": "update", "fields": ["vlan"], "content": {"before": {"vlan": 10}, "after": {"vlan": 20}},
    }  # fmt: skip
    made = {
        "id": "20261127T050000Z-0a1b2c", "ended": "2026-11-27T05:00:00+00:00", "user": "cdiallo", "check": False,
        "outcome": "changes", "limit": SCHOOL,
        "counts": {"create": 0, "update": 1, "delete": 0, "reset": 0, "withheld": 0},
        "environment": "lab", "node": "poste", "started": "2026-11-27T04:59:00+00:00", "commit": None, "clean": True,
        "command": ["ansible-playbook", "site.yml"], "declaration": None, "plan": None,
        "tasks": [{"host": SCHOOL, "operations": [operation]}], **changes,
    }  # fmt: skip
    made["counts"] = {"reads": 12, "writes": 1, **made["counts"]}
    task = {"task": "Converger", "module": "piste_network", "status": "changed", "check": False, "kind": None,
            "message": None, "withheld": []}  # fmt: skip
    return {**made, "tasks": [{**task, **given} for given in made["tasks"]]}


@cache
def few() -> Town:
    """The town with three of its sites."""
    whole = whole_town()
    return replace(whole, sites={name: whole.sites[name] for name in SITES})


def known(**changes: Any) -> Known:
    """Make a town as a machine knows it: a site converged, another drifted, a third unknown."""
    made = Known(
        few(),
        "lab",
        MOMENT,
        "0123456789abcdef" * 2,
        True,
        states={
            SITES[0]: SiteState(SITES[0], passage("ok"), passage("ok")),
            SITES[1]: SiteState(SITES[1], passage("changes", 1), passage("changes", 3, "2026-11-28T05:00:00+00:00")),
        },
        verifications={SCHOOL: verification()},
        findings=[Finding("journal", "wrong", "un enregistrement a été retouché", "piste journal verify")],
        runs=[record()],
        unread={"backups": "le fichier ne se lit pas"},
    )
    return replace(made, **changes)


NETWORK = ("carte.html", "flux.html")


def rendered(facts: Known, audience: Audience, *paths: str) -> dict[str, bytes]:
    """Render these pages of an edition alone, as the portal does, and the files beside them.

    The others are there to be linked, without what is dear to make: the drawings of sites, who reaches what.
    """
    drawn, network = site._documents, town.network

    def documents(subject: Subject) -> Iterator[Part]:
        yield from drawn(subject) if site_path(subject.site["id"]) in paths else ()

    def reached(known: Known) -> Iterator[Page]:
        bare = (Page(path, path, [Part(Section("bare", path, []))], menu=path) for path in NETWORK)
        yield from network(known) if {*NETWORK} & {*paths} else bare

    def alone(pages: Sequence[Page], *given: Any, **named: Any) -> Iterator[tuple[str, bytes]]:
        return rendering.files([page for page in pages if page.path in paths], *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "_documents", documents)
        patch.setattr(town, "network", reached)
        patch.setattr(write, "files", alone)
        return dict(write.contents(facts, audience))
