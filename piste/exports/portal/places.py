"""Places that the pages name: the first page, the page of a site; words of subjects."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from piste.exports.portal.known import Known
from piste.sites.status import LABELS
from piste.town.model import Site

TEMPLATES = Path(__file__).with_name("templates")
JOURNAL = "journal.html"
SUBJECTS: Mapping[str, str] = {
    **LABELS,
    "runs": "exécutions",
    "verifications": "vérifications",
    "living": "ce qui vit",
    "links": "liaisons",
    "plans": "plans",
    "reports": "rapports",
    "sealed": "décisions scellées",
}
"""The words of a subject that was not read, or that has findings."""


def in_service(known: Known) -> dict[str, Site]:
    """The sites that the portal shows: in service, closing, or planned."""
    return {name: site for name, site in known.town.sites.items() if site["lifecycle"] != "closed"}


def run_path(run: str) -> str:
    return f"executions/{run}.html"


def site_path(site: str) -> str:
    return f"sites/{site}.html"
