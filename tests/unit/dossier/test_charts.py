"""Drawings: values and thresholds in place, unknowns empty, words beside every colour."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from piste.papers.dossier.charts import Bar, Bullet, Span, bars, bullets, spans

SVG = {"s": "http://www.w3.org/2000/svg"}


def drawn(svg: str) -> Any:
    return etree.fromstring(svg)


def numbers(svg: Any, path: str, *names: str) -> list[tuple[float, ...]]:
    return [tuple(float(element.get(name)) for name in names) for element in svg.xpath(path, namespaces=SVG)]


@pytest.mark.parametrize(
    "svg",
    [
        bars("k", "T & T", "D < D", [Bar("a <b>", 1, 2)]),
        bullets("k", "T & T", "D < D", [Bullet("a <b>", 1, 2, None, 0, 4, "x & y")]),
        spans("k", "T & T", "D < D", [Span("a <b>", 2, 1, 3, 0.5, "x & y")]),
    ],
)
def test_a_drawing_is_named_and_described(svg: str) -> None:
    root = drawn(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "k-title k-desc"
    assert [root.findtext(f"s:{part}", namespaces=SVG) for part in ("title", "desc")] == ["T & T", "D < D"]


def test_a_bullet_goes_from_zero_to_its_value_and_its_threshold_stands() -> None:
    root = drawn(bullets("k", "T", "D", [Bullet("Baisse", -10, None, -30, -40, 0, "10 % de moins")]))
    (bar,) = numbers(root, "//s:rect[@fill='#1f4e79']", "x", "width")
    assert bar == (478.0, 158.0)
    assert numbers(root, "//s:line[@stroke-width='3']", "x1") == [(162.0,)]
    assert root.xpath("//s:text/text()", namespaces=SVG) == ["Baisse", "10 % de moins"]


def test_a_bullet_that_nobody_knows_has_no_bar() -> None:
    root = drawn(bullets("k", "T", "D", [Bullet("Postes", None, 90, None, 0, 100, "inconnu")]))
    assert numbers(root, "//s:rect[@fill='#1f4e79']", "width") == []
    assert len(root.xpath("//s:rect[@fill='url(#k-hatch)']", namespaces=SVG)) == 1


def test_a_span_is_solid_as_far_as_it_is_measured() -> None:
    root = drawn(spans("k", "T", "D", [Span("Réseau", 50, 40, 100, 0.5, "50")]))
    assert numbers(root, "//s:rect[@fill='url(#k-hatch)']", "width") == [(312.0,)]
    assert numbers(root, "//s:rect[@fill='#1f4e79']", "width") == [(156.0,)]
    assert root.xpath("//s:path[@stroke='#1b2733']/@d", namespaces=SVG) == ["M253.6 41v10m0 -5H628.0m0 -5v10"]
