"""Each read of GLPI, answered wrongly: not read is unknown, nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import PisteError
from piste.engine.transport.response import Response
from tests.support.glpi import GlpiWorld, once

ASKED = [
    {
        "itemtype": "Computer", "name": "pc-1", "title": "pc-1", "serial": "A1", "inventory_number": "pc-1",
        "state": "En stock", "location": "Ville", "trashed": False,
    }
]  # fmt: skip
LISTS = ("token", "Assets/Computer", "Dropdowns/Location", "Dropdowns/State")
FIELDS = ("id", "name", "serial", "otherserial", "status", "location", "is_deleted")


def answered(change: Callable[[Any], Any]) -> Callable[[Response], Response]:
    def spoil(answer: Response) -> Response:
        body = json.dumps(change(json.loads(answer.body))).encode()
        return Response(answer.status, answer.headers, body, answer.url, write=answer.write)

    return spoil


FORMS: dict[str, Callable[[Response], Response]] = {
    "a page of a portal": lambda a: Response(200, {"content-type": "text/html"}, b"<html>", a.url),
    "nothing": lambda a: Response(200, a.headers, b"", a.url),
    "null": answered(lambda _: None),
    "a text": answered(lambda _: "x"),
    "a list of texts": answered(lambda _: ["x"]),
    "an empty object": answered(lambda _: {}),
    "no range": lambda a: Response(
        a.status, {name: value for name, value in a.headers.items() if name != "content-range"}, a.body, a.url
    ),
    "an absurd range": lambda a: Response(a.status, {**a.headers, "content-range": "0-9/99999"}, a.body, a.url),
    "forbidden": lambda a: Response(403, a.headers, b"{}", a.url),
}


def spoilt(tmp_path: Path, path: str, spoil: Callable[[Response], Response]) -> GlpiWorld:
    world = GlpiWorld(tmp_path)
    for name in ("En service", "En stock"):
        world.simulator.world.named("State", name)
    world.simulator.world.add("Location", {"name": "Ville"})
    once(world, "glpi_assets", [{**ASKED[0], "state": "En service"}])
    world.requests.clear()
    world.spoil = lambda place, answer: spoil(answer) if place.endswith(path) else answer
    return world


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("form", FORMS)
def test_a_read_of_another_form_is_unknown(tmp_path: Path, path: str, form: str) -> None:
    if path == "token" and "range" in form:
        return  # a token has no range
    world = spoilt(tmp_path, path, FORMS[form])
    with pytest.raises(PisteError) as raised:
        once(world, "glpi_assets", ASKED)
    assert raised.value.kind == "unknown" or form == "forbidden"
    assert world.writes == []


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [..., ["?"], {"id": "x"}], ids=["absent", "a list", "an object"])
def test_a_field_of_another_form_is_unknown(tmp_path: Path, name: str, value: Any) -> None:
    def change(items: Any) -> Any:
        for item in items:
            if value is ...:
                item.pop(name)
            else:
                item[name] = value
        return items

    world = spoilt(tmp_path, "Assets/Computer", answered(change))
    with pytest.raises(PisteError) as raised:
        once(world, "glpi_assets", ASKED)
    assert raised.value.kind == "unknown"
    assert world.writes == []
