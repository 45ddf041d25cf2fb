"""The first page: its tiles, what waits, the sites, what nobody ever read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lxml import html

from piste.engine.finding import Finding
from piste.exports.portal.home import waiting
from piste.exports.portal.page import Audience
from piste.exports.portal.services import EFFECTS, losses, verdict, words
from piste.readings.history import Month
from piste.readings.table import SUBJECTS
from piste.town.model.assets.classes import CLASSES
from tests.support.dossier import SCHOOL
from tests.support.dossier import town as whole_town
from tests.support.portal import SITES, few, known, passage, rendered
from tests.support.sobriety_years import readings

BARE: dict[str, Any] = {"states": {}, "verifications": {}, "findings": (), "runs": (), "unread": {}}


def page(audience: Audience = "engineer", **facts: Any) -> Any:
    return html.fromstring(rendered(known(**facts), audience, "index.html")["index.html"].decode())


def tiles(of: Any) -> dict[str, tuple[str, str | None, str | None]]:
    """Give the value, the mark and the link of each tile by its label."""
    every = {}
    for tile in of.xpath('//dl[@class="tiles"]/div'):
        mark, link = tile.xpath(".//dd//span/@class"), tile.xpath(".//dd/a/@href")
        value = " ".join(tile.find("dd").text_content().split())
        every[tile.findtext("dt")] = (value, mark[0] if mark else None, link[0] if link else None)
    return every


def test_tiles_count_sites_and_what_waits_in_words_that_agree() -> None:
    shown = tiles(page())
    assert shown["site convergé"] == ("1", "good", "index.html#sites")
    assert shown["site en écart"] == ("1", "bad", "index.html#sites")
    assert shown["site inconnu"] == ("1", "doubt", "index.html#sites")
    assert shown["point à corriger"] == ("1", "bad", "index.html#services")
    assert shown["point inconnu"] == ("1", "doubt", "index.html#services")
    assert shown["cibles de sobriété atteintes"] == ("inconnu", "doubt", "sobriete.html#figures")
    assert shown["problèmes en cours"] == ("inconnu", "doubt", "supervision.html#problems")


def test_a_tile_of_nothing_is_no_success() -> None:
    shown = tiles(page(**BARE))
    assert shown["site convergé"][:2] == ("0", None)
    assert shown["sites inconnus"][:2] == ("3", "doubt")
    assert shown["point à corriger"][:2] == ("0", None)


def test_a_target_that_is_missed_or_unknown_is_no_success() -> None:
    reading = readings(2)[-1]
    aimed = [
        replace(figure, target=figure.target.model_copy(update={"status": "validated"}))
        for figure in reading.figures
        if figure.target
    ]
    reached = [replace(figure, value=figure.target.at_least or figure.target.at_most) for figure in aimed]
    assert tiles(page(sobriety=replace(reading, figures=reached)))["cibles de sobriété atteintes"][1] == "good"
    doubt = [replace(reached[0], value=None), *reached[1:]]
    of = tiles(page(sobriety=replace(reading, figures=doubt)))["cibles de sobriété atteintes"]
    assert of[:2] == (f"{len(aimed) - 1} / {len(aimed)}", "doubt")


def test_a_count_of_targets_that_nobody_confirmed_says_so() -> None:
    aimed = [figure for figure in readings(2)[-1].figures if figure.target]
    example = [replace(each, target=each.target.model_copy(update={"status": "to_confirm"})) for each in aimed]
    of = tiles(page(sobriety=replace(readings(2)[-1], figures=example)))
    assert of["cibles de sobriété atteintes (à confirmer)"][0].endswith(f"/ {len(aimed)}")


def test_what_waits_has_its_days_as_people_write_them() -> None:
    due = Finding("logs.export", "wrong", "aucun export depuis 2026-10-31", "piste logs export --until 2026-11-30")
    said = page(findings=(due,)).text_content()
    assert "aucun export depuis 31/10/2026" in said
    assert "piste logs export --until 2026-11-30" in said


def test_the_counts_of_the_town_lead_to_what_they_count() -> None:
    shown = tiles(page("town"))
    assert shown["point à corriger"] == ("1", "bad", "index.html#services")
    assert shown["site convergé"][2] == "index.html#sites"
    assert page("town").xpath('//*[@id="alerts"]') == []


def test_what_waits_is_by_gravity_and_the_many_of_a_subject_are_behind_its_name() -> None:
    restores = [Finding(f"restores.{name}", "unknown", f"{name} : jamais prouvée") for name in "abcd"]
    alone = Finding("logs", "unknown", "jamais contrôlés")
    wrong = Finding("journal", "wrong", "un enregistrement a été retouché")
    section = page(findings=[*restores, alone, wrong], unread={}).xpath('//section[@aria-labelledby="alerts"]')[0]
    assert [caption.text for caption in section.iter("caption")] == [
        "À corriger", "Inconnu, à lire ou à faire", "Restaurations\N{NO-BREAK SPACE}: inconnu, à lire ou à faire",
    ]  # fmt: skip
    assert len(section.xpath(".//details//tbody/tr")) == 4
    assert [row.findtext("th") for row in section.xpath("./div//tbody/tr")] == ["Journal", "Journaux"]


def test_hours_are_beside_the_sites_and_alone_for_everybody() -> None:
    assert page().xpath('//*[@id="open"]') == []
    assert len(page().xpath('//section[@aria-labelledby="sites"]//td[contains(., "de 07:00 à 18:30")]')) == 1
    assert page("public").xpath('string(//*[@id="open"])') == "Les heures des ordinateurs"
    assert page("public").xpath("string(//h1)") != page("town").xpath("string(//h1)")


def test_what_no_site_has_is_said_once() -> None:
    bare = page(**BARE)
    said = "Ce poste ne garde, pour aucun site\N{NO-BREAK SPACE}: dernière dérive, dernière exécution, "
    assert [text.text for text in bare.xpath('//section[@aria-labelledby="sites"]/p')] == [
        f"{said}dernière vérification."
    ]
    heads = {head.text for head in bare.xpath('//section[@aria-labelledby="sites"]//thead//th')}
    assert heads == {"Site", "État", "Heures des ordinateurs"}
    assert len(bare.xpath('//section[@aria-labelledby="sites"]//td/span[text()="? inconnu"]')) == 3


READ = (datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 28, 5, tzinfo=UTC))
LOST = [
    Finding(
        f"network.{SCHOOL}.sw-jau-02 (port 3)", "wrong", "hors ligne", site=SCHOOL, gravity="critical", who="réseau"
    ),
    Finding(f"network.{SCHOOL}.sw-jau-01", "wrong", "hors ligne", site=SCHOOL, gravity="critical", who="réseau"),
    Finding(f"supervision.{SCHOOL}.sw-jau-01", "wrong", "pas surveillé", site=SCHOOL, gravity="minor"),
    Finding("supervision.hotel-de-ville.hdv-med1", "wrong", "ICMP", site="hotel-de-ville", gravity="critical"),
    Finding("journal", "wrong", "un enregistrement a été retouché"),
    Finding("copies", "unknown", "jamais lu"),
]


def said(of: Any) -> tuple[str, str]:
    """The sentence of the verdict, and its mark."""
    (sentence,) = of.xpath('//p[starts-with(@class, "verdict")]')
    return " ".join(sentence.text_content().split()), sentence.get("class").removeprefix("verdict ")


def rows(of: Any, section: str) -> list[list[str]]:
    """The texts of the rows of the tables of a section."""
    every = of.xpath(f'//section[@aria-labelledby="{section}"]//tbody/tr')
    return [[" ".join(cell.text_content().split()) for cell in row] for row in every]


def test_what_is_wrong_is_said_in_services_for_those_who_lose_them_and_adds_up_to_the_tiles() -> None:
    of = page("town", findings=LOST, unread={})
    assert [row[:4] for row in rows(of, "services")] == [
        ["Réseau filaire et téléphones", "✗ touché", "École Jean Jaurès", "2"],
        ["Applications : Neos", "✗ touché", "Médiathèque", "1"],
        ["Réseau filaire et téléphones", "! à risque", "École Jean Jaurès", "1"],
        ["Conduite des changements", "! à corriger", "les exploitants seuls", "1"],
        ["Sauvegardes", "? inconnu", "toute la Ville", "1"],
    ]
    assert (tiles(of)["points à corriger"][0], tiles(of)["point inconnu"][0]) == ("5", "1")
    sentence, mark = said(of)
    assert sentence.startswith("2 services touchés : Réseau filaire et téléphones (École Jean Jaurès) ;")
    assert "1 point à risque, 1 point à corriger par les exploitants, 1 point inconnu" in sentence
    assert mark == "bad"
    assert "sw-jau" not in of.text_content()


def test_many_sites_that_lose_a_service_are_a_line_and_their_points_are_all_counted() -> None:
    town = whole_town()
    names = [name for name, site in town.sites.items() if site["lifecycle"] == "open"][:5]
    cut = [Finding(f"links.{name}", "wrong", "coupée", site=name) for name in names]
    facts = known(town=town, findings=cut, unread={})
    (line,) = losses(facts, cut)
    assert (line.service, line.number, line.site) == ("Liaison du site", 5, "")
    assert line.whom.startswith(f"5 sites : {town.sites[names[0]]['name']}, ")
    assert line.whom.endswith(" et 2 autres")
    assert len(losses(facts, cut[:3])) == 3
    (copies,) = losses(facts, [Finding("copies.hdv-med1", "wrong", "hors délai")])
    assert copies[:3] == ("risk", "Sauvegardes", "toute la Ville"), "the application is there: its copy is not"


def test_the_town_is_well_only_where_all_of_it_was_read_and_nothing_is_wrong() -> None:
    fine = {name: known().states[SITES[0]]._replace(site=name) for name in SITES}
    sites: Any = {
        name: {**site, "devices": [], "awaited": [], "premises": {**site["premises"], "ups": [], "links": []}}
        for name, site in few().sites.items()
    }
    commune: Any = {**(few().commune or {}), "hosting": None, "supervision": None, "nexus": {"switches": []}}
    town = replace(few(), sites=sites, commune=commune)
    all_read: dict[str, Any] = {"town": town, "states": fine, "findings": (), "unread": {}, "read": READ}

    def say(**less: Any) -> tuple[str, str | None]:
        facts = known(**{**all_read, **less})
        made = verdict(facts, losses(facts, waiting(facts)))
        return made.text, made.mark

    sentence, mark = say()
    assert (sentence[:18], mark) == ("La Ville va bien :", "good")
    assert sentence.endswith("D’après ce qui a été lu du 24/11/2026 au 28/11/2026.")
    old = fine[SITES[2]]._replace(drift=passage("ok", ended="2026-10-01T05:00:00+00:00"), last=None)
    silent: list[dict[str, Any]] = [
        {"states": {**fine, SITES[2]: old}}, {"unread": {"backups": "illisible"}}, {"read": None}, {"town": few()},
    ]  # fmt: skip
    for less in silent:
        sentence, mark = say(**less)
        assert (mark, "La Ville va bien :" in sentence) == ("doubt", False), less


def test_each_subject_and_class_of_the_town_has_its_service() -> None:
    assert words()["subjects"].keys() == SUBJECTS.keys()
    assert words()["classes"].keys() == CLASSES.keys()
    assert {said["whom"] for part in ("classes", "subjects") for said in words()[part].values()} == {
        "site", "town", "operators",
    }  # fmt: skip
    assert [*EFFECTS][-1] == "unknown"


def test_a_trend_has_its_gaps_and_a_table_that_says_the_same() -> None:
    months = {name: Month(name, value, "%", "measured") for name, value in
              (("2026-02", 80.0), ("2026-03", None), ("2026-11", 95.0))}  # fmt: skip
    of = page("town", months={"F14": months, "F11": {"2025-10": months["2026-02"]}})
    (row,) = rows(of, "trends")
    assert "avant le 02/12/2026 sont ceux d’UTC" in of.text_content()
    assert "Schéma par rattachement, sans coordonnées" in of.text_content()
    assert row == ["Sauvegardes en 3-2-1", *["inconnu"] * 2, "80 %", *["inconnu"] * 8, "95 %"]
    (drawing,) = of.xpath('//section[@aria-labelledby="trends"]//*[name()="svg"]')
    assert len(drawing.xpath('.//*[name()="rect"][contains(@fill, "hatch")]')) == 10
    assert len(drawing.xpath('.//*[name()="circle"]')) == 2
    assert len(drawing.xpath('.//*[name()="line"][@stroke-width="2"]')) == 1, "that of the hatch: nothing crosses a gap"


def test_the_map_has_each_site_with_its_state_and_leads_to_its_page() -> None:
    (drawing,) = page("town").xpath('//section[@aria-labelledby="map"]//*[name()="svg"]')
    links = {link.get("href"): "".join(link.itertext()) for link in drawing.xpath('.//*[name()="a"]')}
    assert {name: links[f"sites/{name}.html"][0] for name in SITES} == dict(zip(SITES, "✓✗?", strict=True))
    assert drawing.get("role") == "group"


def test_what_a_run_changed_has_a_page_under_the_journal() -> None:
    run = "executions/20261127T050000Z-0a1b2c.html"
    of = html.fromstring(rendered(known(), "engineer", run, "journal.html", "index.html")[run].decode())
    assert rows(of, "changes") == [["port de commutateur sw-jau-02/8", "modification", "VLAN : 10 → 20"]]
    crumbs = of.xpath('//nav[@class="crumbs"]//li')
    assert [crumb.text_content() for crumb in crumbs][:2] == ["La Ville", "Journal"]
    assert [link.get("href") for link in of.xpath('//nav[@class="crumbs"]//a')] == ["../index.html", "../journal.html"]
