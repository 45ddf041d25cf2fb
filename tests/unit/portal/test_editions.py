"""Each edition by markers: no text of a field reaches it, unless the field is listed here."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from piste.exports.portal.filed import Filed
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience
from piste.exports.portal.write import contents
from piste.papers.dossier.blocks import Cell
from piste.readings.certificates import kept as certificates
from piste.readings.protection import figures as protection
from piste.sites.living.kept import Device, NexusPort, Part, Port
from piste.town.model.accessibility import AccessibilityAudit
from piste.trials.restore.calendar import calendar
from piste.trials.restore.signatures import Signature
from tests.support.dossier import SCHOOL
from tests.support.markers import Marked
from tests.support.papers import restored
from tests.support.portal import few, known, record
from tests.support.sobriety_years import readings
from tests.unit.portal.test_plans import PLANS
from tests.unit.portal.test_supervision import NOW, month, watched

READ = frozenset({
    "FirewallRule.services", "Port.allowed_vlans", "Site.opening_hours", "Test.read_at", "Ups.battery_until",
    "RackChecked.done", "RackChecked.due", "Row.until",
})  # fmt: skip
"""Fields that are free by their values here, and that the pages read as figures, days or names of elements."""
PUBLIC = {
    "Town.name", "Site.name", "Site.category_label", "Site.opening_hours", "Figure.title", "Figure.unit",
    "Accessibility.covers", "Accessibility.multi_year_plan", "Accessibility.yearly_plan", "Accessibility.technologies",
    "Accessibility.checked_with", "Accessibility.contact", "NotAccessible.content", "NotAccessible.why",
    "NotAccessible.remedy", "AccessibilityAudit.by", "LegalNotice.address", "LegalNotice.phone", "LegalNotice.director",
    "LegalNotice.host", "LegalNotice.host_address", "LegalNotice.host_phone", "LegalNotice.data_protection",
}  # fmt: skip
"""Services, hours of computers, sobriety, accessibility, who publishes."""
TOWN = PUBLIC | {"Site.id", "Site.postal_address", "Site.cctp", "Contact.role", "Contact.phone", "Clause.id",
                 "Clause.place", "Clause.says", "Clause.who"}  # fmt: skip
"""Sites and their contacts by function; what each clause asks."""


def full() -> Known:
    """The town as a machine may know it, with a reading of every subject.

    Its files are left out: they name each text a second time, which would then have no marker.
    """
    town = few()
    commune, declared = town.commune, town.accessibility
    assert commune is not None
    assert declared is not None
    audit = AccessibilityAudit(by="un auditeur", made_on="2026-06-01", rgaa="4.1", conforming=50, applicable=60)
    town = replace(town, accessibility=declared.model_copy(update={"audit": audit, "status": "validated"}), tree=None)
    living = watched("sw-jau-02")
    port = Port(status="port levé", speed_mbps=1000, errors=["collisions en série"], warnings=["câble court"])
    serials = [device["serial"] for device in town.sites[SCHOOL]["devices"]]
    device = Device(status="en ligne", reported_at=None)
    living["devices"] = Part(read_at=NOW, values=dict.fromkeys(serials, device))
    living["ports"] = Part(read_at=NOW, values={name: {"1": port} for name in serials})
    stopped = NexusPort(status="error", speed_mbps=None, reason="mot du Nexus")
    living["nexus_ports"] = {"nx-hdv-1": Part(read_at=NOW, values={"1/1": stopped})}
    signed = Signature(party="ville", role="la DSI", signed_on="2026-11-28", file="pv signé", sha256="0", result="0")
    restores = [
        replace(row, last=restored(), place=Path("preuves"), signed=[signed]) for row in calendar(town, "essai")
    ]
    filed = [
        Filed(SCHOOL, "fiche-site", "Fiche du site", "19/11/2026", Cell("Non conforme")),
        Filed("commune", "declaration-accessibilite", "Déclaration", "19/11/2026", Cell("non conformes"), {"pdf": b""}),
    ]
    sets, copies = protection.last(town, "essai")
    listed = commune["certificates"]
    return known(
        town=town, documents=filed, runs=[record(user="compte de C. Diallo", limit="les écoles")],
        unread={"journal": "le fichier ne se lit pas"},
        sobriety=readings(2)[-1], living=living, links=[month(50)], plans=PLANS,
        certificates=certificates.judged(listed, certificates.NOTHING), restores=restores,
        sets=sets, protection=[protection.figure(name, sets, copies) for name in ("F14", "RPO")],
    )  # fmt: skip


@cache
def marked() -> Marked:
    return Marked(full(), READ)


def text(facts: Known, audience: Audience) -> str:
    """The words of an edition, and what its attributes say."""
    pages = [html.fromstring(page.decode()) for name, page in contents(facts, audience) if name.endswith(".html")]
    return "\n".join("\n".join(map(str, page.xpath("//text() | //@href | //@aria-label | //@alt"))) for page in pages)


def leaks(made: Marked, audience: Audience, listed: set[str]) -> list[list[str]]:
    return sorted(map(sorted, made.shown(text(made.facts, audience), listed)))


@pytest.mark.parametrize(("audience", "listed"), [("public", PUBLIC), ("town", TOWN)])
def test_an_edition_has_the_texts_of_listed_fields_alone(audience: Audience, listed: set[str]) -> None:
    assert leaks(marked(), audience, listed) == []
    # A clause of the tender names them too.
    assert "VLAN" not in text(marked().facts, audience).replace("Les VLAN séparent les usages", "")


def test_each_listed_field_is_in_its_edition() -> None:
    words = {"Site.opening_hours", "Site.category_label", "Site.cctp"}
    each: tuple[tuple[Audience, set[str]], ...] = (("public", PUBLIC), ("town", TOWN))
    for audience, listed in each:
        shown = set().union(*marked().shown(text(marked().facts, audience)))
        assert listed - shown <= words


def test_engineers_see_the_markers_so_they_are_looked_for_where_they_are() -> None:
    shown = set().union(*marked().shown(text(marked().facts, "engineer")))
    wanted = {
        "Device.name", "Asset.serial", "Contact.mail", "Ssid.purpose", "Link.name", "Segment.subnet", "Listed.user",
        "Known.unread", "Test.observed", "RestoreTest.label", "Certificate.use", "Finding.what",
    }  # fmt: skip
    assert wanted - shown == set()


def test_a_name_in_what_everybody_may_read_is_noticed() -> None:
    made = Marked(full(), READ)
    facts: Any = made.facts
    site = next(iter(facts.town.sites.values()))
    named = {**site, "name": site["devices"][0]["serial"]}
    made.facts = replace(facts, town=replace(facts.town, sites={site["id"]: named}))
    assert any("Device.serial" in places for places in leaks(made, "public", PUBLIC))
