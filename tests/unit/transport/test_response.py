"""Readable answers: anything else is unknown, and lost where it answers a write."""

from __future__ import annotations

import pytest

from piste.engine.converge.errors import AnswerLost, PisteError, Unreadable
from piste.engine.transport.response import Response

JSON = {"content-type": "application/json; charset=utf-8"}
UNREAD = [
    Response(200, JSON, b""),
    Response(200, JSON, b"{"),
    Response(200, JSON, b"\xff\xfe\xfd"),
    Response(200, JSON, b"NaN"),
    Response(200, JSON, b"[" * 100_000),
    Response(200, JSON, b"9" * 10_000),
    Response(200, JSON, rb'{"name": "a\ud800b"}'),
    Response(200, JSON, b'"\xed\xa0\x80"'),
    Response(200, {}, b"<html>maintenance</html>"),
    Response(200, {"content-type": "text/html"}, b"[]"),
    Response(204, JSON, b""),
    Response(302, JSON, b"{}"),
    Response(404, JSON, b"{}"),
]


def error(response: Response, write: bool) -> type[PisteError]:
    kinds = []
    for read in (response.document, response.mapping, response.listing):
        with pytest.raises(PisteError) as caught:
            read()
        assert caught.value.kind == "unknown"
        kinds.append(type(caught.value))
    assert len(set(kinds)) == 1
    return kinds[0]


@pytest.mark.parametrize("answer", UNREAD)
def test_what_does_not_read_is_unknown(answer: Response) -> None:
    assert error(answer, False) is Unreadable
    assert error(Response(answer.status, answer.headers, answer.body, write=True), True) is AnswerLost


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true"])
def test_another_shape_than_an_object_is_unknown(body: bytes) -> None:
    with pytest.raises(Unreadable, match="un dictionnaire est attendu"):
        Response(200, JSON, body, "https://systeme.invalid/a?cle=x").mapping()


@pytest.mark.parametrize("body", [b"null", b"{}", b"1", b'"x"', b"true"])
def test_another_shape_than_a_list_is_unknown(body: bytes) -> None:
    with pytest.raises(Unreadable, match="une liste est attendue"):
        Response(200, JSON, body).listing()


def test_what_is_relied_upon_must_be_there() -> None:
    assert Response(200, {}, b'{"id": "", "n": 0}').mapping("id", "n") == {"id": "", "n": 0}
    with pytest.raises(Unreadable) as caught:
        Response(200, JSON, b'{"id": null}', "https://systeme.invalid/a?cle=x").mapping("id", "name")
    assert str(caught.value) == (
        "PISTE-E014 systeme.invalid/a : a répondu autre chose que ce qui se lit. il y manque id, name. Rien n’en est "
        "déduit. Vérifiez qu’aucun mandataire ni portail ne répond à la place du système, et sa version, puis relancez."
    )


def test_a_character_that_comes_in_two_halves_is_one() -> None:
    assert Response(200, JSON, rb'["\ud83c\udfeb"]').listing() == ["🏫"]


def test_words_are_taken_as_they_are() -> None:
    assert [Response(500, {}, body).words() for body in (b"", b"<html>", b'{"a": 1}')] == [None, None, {"a": 1}]
