"""The first page: its tiles, what waits, the sites, what nobody ever read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import html

from piste.engine.finding import Finding
from piste.exports.portal.page import Audience
from tests.support.portal import SITES, known, rendered
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
    assert shown["point à corriger"] == ("1", "bad", "index.html#alerts")
    assert shown["point inconnu"] == ("1", "doubt", "index.html#alerts")
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


def test_the_town_has_the_counts_without_links_to_what_it_does_not_have() -> None:
    shown = tiles(page("town"))
    assert shown["point à corriger"] == ("1", "bad", None)
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
    assert len(page("public").xpath("//tbody/tr")) == len(SITES)
    assert page("public").xpath('string(//*[@id="open"])') == "Les heures des ordinateurs"


def test_what_no_site_has_is_said_once() -> None:
    bare = page(**BARE)
    said = "Ce poste ne garde, pour aucun site\N{NO-BREAK SPACE}: dernière dérive, dernière exécution, "
    assert [text.text for text in bare.xpath('//section[@aria-labelledby="sites"]/p')] == [
        f"{said}dernière vérification."
    ]
    heads = {head.text for head in bare.xpath('//section[@aria-labelledby="sites"]//thead//th')}
    assert heads == {"Site", "État", "Heures des ordinateurs"}
    assert len(bare.xpath('//section[@aria-labelledby="sites"]//td/span[text()="? inconnu"]')) == 3
