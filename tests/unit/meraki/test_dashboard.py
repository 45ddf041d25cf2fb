"""The Dashboard API as transport: redirects, links, words of errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from piste.converge.errors import Ambiguous, Missing, Rejected, Unreachable
from piste.meraki.dashboard import Dashboard, explain, fill, next_link
from piste.transport.http import Response

BASE = "https://api.meraki.com/api/v1"
CONNECTION = {"base_url": BASE, "api_key": "x" * 40, "organization": "Ville du Bourget", "rate": 0}


class Scripted:
    """A transport that answers what it is told, in order."""

    def __init__(self, dashboard: Dashboard, *answers: Response) -> None:
        self.endpoint = dashboard.transport.endpoint
        self.answers, self.asked = list(answers), []

    def request(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Response:
        url = path if "://" in path else self.endpoint.url + path
        self.asked.append((method, url, body))
        answer = self.answers.pop(0)
        return Response(answer.status, answer.headers, answer.body, url)


def scripted(folder: Path, *answers: Response) -> tuple[Dashboard, Scripted]:
    dashboard = Dashboard(CONNECTION, folder)
    transport = Scripted(dashboard, *answers)
    dashboard.transport = transport  # type: ignore[assignment]
    return dashboard, transport


def redirect(target: str, status: int = 308) -> Response:
    return Response(status, {"location": target}, b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_organization_s_shard_is_followed_with_its_method_and_body(
    status: int, tmp_path: Path
) -> None:
    shard = "https://n123.meraki.com/api/v1/networks/N_1"
    dashboard, transport = scripted(tmp_path, redirect(shard, status), Response(200, {}, b"{}"))
    dashboard.request("PUT", "/networks/N_1", body={"name": "x"})
    assert transport.asked == [("PUT", f"{BASE}/networks/N_1", {"name": "x"}), ("PUT", shard, {"name": "x"})]


@pytest.mark.parametrize(
    "target",
    ["https://n1.meraki.com.voleur.example/x", "http://n1.meraki.com/x", "https://voleur.example/meraki.com"],
)
def test_a_redirect_outside_the_vendor_s_domains_is_not_followed(target: str, tmp_path: Path) -> None:
    dashboard, transport = scripted(tmp_path, redirect(target))
    with pytest.raises(Unreachable, match="hors des domaines de l'éditeur"):
        dashboard.request("GET", "/organizations")
    assert len(transport.asked) == 1


def test_a_loop_of_redirects_ends(tmp_path: Path) -> None:
    dashboard, transport = scripted(tmp_path, *[redirect(f"{BASE}/organizations")] * 9)
    with pytest.raises(Unreachable, match="renvoie sans fin"):
        dashboard.get("/organizations")
    assert len(transport.asked) == 4


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
