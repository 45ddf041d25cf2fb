"""Client of the Dashboard API: redirects, links, texts of errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Ambiguous, AnswerLost, Missing, Rejected, Unreadable
from piste.engine.transport.http import Transport
from piste.engine.transport.response import Response
from piste.systems.meraki.dashboard import Dashboard, explain, fill, next_link

BASE = "https://api.meraki.com/api/v1"
CONNECTION = {"base_url": BASE, "api_key": "x" * 40, "organization": "Ville du Bourget", "rate": 0}


class Scripted(Transport):
    """Transport that gives prepared answers, in order."""

    def __init__(self, dashboard: Dashboard, *answers: Response) -> None:
        super().__init__(dashboard.transport.endpoint)
        self.answers, self.asked = list(answers), []

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        self.asked.append(url)
        answer = self.answers.pop(0)
        return Response(answer.status, answer.headers, answer.body, url)


def scripted(folder: Path, *answers: Response) -> tuple[Dashboard, Scripted]:
    dashboard = Dashboard(CONNECTION, folder)
    transport = Scripted(dashboard, *answers)
    dashboard.transport = transport
    return dashboard, transport


def page(*items: str, following: str = "") -> Response:
    headers = {"link": f"<{following}>; rel=next"} if following else {}
    return Response(200, headers, json.dumps(items).encode())


def test_pages_are_followed_within_the_vendor_s_domains(tmp_path: Path) -> None:
    shard = "https://n123.meraki.com/api/v1/things?startingAfter=a"
    dashboard, transport = scripted(tmp_path, page("a", following=shard), page("b"))
    assert dashboard.pages("/things", 1000) == ["a", "b"]
    assert transport.asked == [f"{BASE}/things?perPage=1000", shard]


@pytest.mark.parametrize("target", ["https://n1.meraki.com.voleur.example/x", "http://n1.meraki.com/x"])
def test_a_page_elsewhere_is_not_asked_for(target: str, tmp_path: Path) -> None:
    dashboard, transport = scripted(tmp_path, page("a", following=target))
    with pytest.raises(Unreadable, match="hors des domaines de l’éditeur"):
        dashboard.pages("/things", 1000)
    assert len(transport.asked) == 1


def test_a_page_that_was_read_is_not_read_again(tmp_path: Path) -> None:
    two = [f"{BASE}/things?startingAfter={name}" for name in "ab"]
    dashboard, transport = scripted(tmp_path, *(page("a", following=two[at % 2]) for at in range(9)))
    with pytest.raises(Unreadable, match="renvoie à une page déjà lue"):
        dashboard.pages("/things", 1000)
    assert len(transport.asked) == 3


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", ""),
        (
            "<https://a/x?startingAfter=0>; rel=first, <https://a/x?startingAfter=9>; rel=next",
            "https://a/x?startingAfter=9",
        ),
        ('<https://a/x>; rel="next"', "https://a/x"),
        ("<https://a/x>; rel=prev, <https://a/y>; rel=last", ""),
    ],
)
def test_only_the_next_page_is_followed(header: str, target: str) -> None:
    assert next_link(header) == target


def test_an_id_in_a_path_is_escaped() -> None:
    assert fill("/networks/{a}/x/{b}", {"a": "N/1?", "b": 3}) == "/networks/N%2F1%3F/x/3"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"errors": ["un", "deux"]}', "un ; deux"),
        (b'{"errors": "un"}', "un"),
        (b"<html>", "réponse sans explication"),
        (b"", "réponse sans explication"),
    ],
)
def test_a_refusal_is_explained_in_the_vendor_s_words_if_it_has_any(body: bytes, words: str) -> None:
    assert explain(Response(404, {}, body)) == words


def test_an_organization_is_found_by_name_or_id_and_otherwise_the_error_lists_those_seen(tmp_path: Path) -> None:
    known = Response(200, {}, b'[{"id": "1", "name": "Ville du Bourget"}, {"id": "2", "name": "Autre"}]')
    dashboard, _ = scripted(tmp_path, known)
    assert dashboard.organization == "1"
    for number, (body, error) in enumerate(
        [
            (b'[{"id": "2", "name": "Autre"}]', Missing),
            (b'[{"id": "1", "name": "Ville du Bourget"}, {"id": "2", "name": "Ville du Bourget"}]', Ambiguous),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        dashboard, _ = scripted(folder, Response(200, {}, body))
        with pytest.raises(error, match="Organisations visibles : "):
            _ = dashboard.organization


def test_a_refused_request_says_what_was_asked(tmp_path: Path) -> None:
    dashboard, _ = scripted(tmp_path, Response(400, {}, b'{"errors": ["non"]}'))
    with pytest.raises(Rejected) as caught:
        dashboard.request("PUT", "/networks/N_1", body={})
    assert str(caught.value) == "PISTE-E011 api.meraki.com : PUT /networks/N_1 : refusé (400). non."


def envelope(*items: str, **counts: int) -> Response:
    content = {"items": items, "meta": {"counts": {"items": counts}}}
    return Response(200, {}, json.dumps(content).encode())


def test_a_last_page_that_announces_more_is_no_end(tmp_path: Path) -> None:
    dashboard, _ = scripted(tmp_path, envelope("a", total=47, remaining=46))
    with pytest.raises(Unreadable, match="46 objets sont encore annoncés"):
        dashboard.pages("/things", 20)
    for counts in ({"total": 1, "remaining": 0}, {"total": 1}):
        dashboard, _ = scripted(tmp_path, envelope("a", **counts))
        assert dashboard.pages("/things", 20) == ["a"]


class Lost(Scripted):
    """Transport that sends each request and gets no answer."""

    def _send(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Response:
        raise AnswerLost("réponse perdue", where=url)


@pytest.mark.parametrize("kind", [Scripted, Lost])
@pytest.mark.parametrize(("method", "kept"), [("PUT", None), ("DELETE", None), ("GET", {"Q": {}})])
def test_a_write_that_was_sent_makes_the_list_of_ports_stale_whatever_is_answered(
    method: str, kept: object, kind: type[Scripted], tmp_path: Path
) -> None:
    dashboard = Dashboard(CONNECTION, tmp_path)
    dashboard.transport = kind(dashboard, Response(400, {}, b"{}"))
    dashboard.shared.put("ports", {"Q": {}})
    with pytest.raises((Rejected, AnswerLost)):
        dashboard.request(method, "/networks/N_1")
    assert dashboard.shared.get("ports") == kept
