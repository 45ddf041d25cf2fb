"""The matrix of zones: each cell leads to rules that are all there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from lxml import html

from piste.exports.portal.flows import network
from piste.sites import flows
from piste.sites.flows import Picture, declared_rules
from piste.town.model.flows.reach import Access
from tests.support.dossier import town
from tests.support.portal import few, known, rendered


@pytest.fixture(scope="module")
def page() -> Any:
    return html.fromstring(rendered(known(), "engineer", "flux.html")["flux.html"].decode())


def test_a_cell_leads_to_the_section_of_its_pair(page: Any) -> None:
    links = page.xpath('//section[@aria-labelledby="matrix"]//tbody//a/@href')
    assert "flux.html#interne-exterieur" in links
    for link in links:
        assert page.xpath(f'//section[@aria-labelledby="{link.partition("#")[2]}"]//tbody/tr')
    sections = page.xpath('//section[@aria-labelledby="rules"]/section/@aria-labelledby')
    assert sorted(f"flux.html#{key}" for key in sections) == sorted(links)


def test_cells_of_the_matrix_are_aligned_alike_and_segments_have_their_labels(page: Any) -> None:
    assert page.xpath('//section[@aria-labelledby="matrix"]//*[@class="number"]') == []
    head = page.xpath('//section[@aria-labelledby="populations"]//thead//th/text()')
    assert head[:2] == ["Population", "Atteint"], "what is read first is not beyond the edge of a phone"
    keys = {segment["key"] for site in few().sites.values() for segment in site["segments"].values()}
    assert not keys & {*page.xpath('//section[@aria-labelledby="rules"]//tbody/tr/th/text()')}


def test_no_rule_is_lost_where_flows_are_joined(page: Any) -> None:
    rows = Picture(few(), declared_rules(few())).rows()
    wanted = {rule.removesuffix(f".{row.site}") for row in rows for rule in row.rules}
    cells = page.xpath('//section[@aria-labelledby="rules"]//tbody/tr/td[2]')
    shown = {rule for cell in cells for rule in cell.text_content().replace("\N{NO-BREAK SPACE}", " ").split(" ; ")}
    assert wanted <= shown


def test_a_long_list_of_flows_is_behind_its_name_and_services_come_second(page: Any) -> None:
    tables = page.xpath('//section[@aria-labelledby="rules"]//table')
    assert tables
    for table in tables:
        assert bool(table.xpath("ancestor::details")) == (len(table.xpath(".//tbody/tr")) > 20)
        assert table.xpath(".//thead//th[position() < 4]/text()") == ["Depuis", "Par", "Règles"]


def test_flows_alike_are_one_line_with_their_sites() -> None:
    whole = html.fromstring(rendered(known(town=town()), "engineer", "flux.html")["flux.html"].decode())
    web = [
        [cell.text_content() for cell in row]
        for row in whole.xpath('//section[@aria-labelledby="interne-exterieur"]//tbody/tr')
        if row.findtext("th") == "Utilisateurs (bureautique)"
    ]
    assert [row[-1] for row in web] == ["tous les sites en service"]
    schools = whole.xpath('//section[@aria-labelledby="pedagogique-exterieur"]//tbody/tr/td[last()]')
    assert [cell.text for cell in schools] == ["Écoles (5)"]


def test_what_an_access_reaches_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[Access] = Counter()
    reach = flows.reached

    def counted(access: Access, *given: Any) -> Any:
        asked[access] += 1
        return reach(access, *given)

    monkeypatch.setattr(flows, "reached", counted)
    assert len([*network(known())]) == 2
    assert set(asked.values()) == {1}
