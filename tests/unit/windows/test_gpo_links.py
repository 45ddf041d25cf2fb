"""Links of policies in their attribute: the console's order, and places that stay."""

import pytest

from piste.systems.windows.gpo_links import Link, arranged, build, parse

A, B = "CN={A},CN=P", "CN={B},CN=P"


def test_the_last_link_of_the_attribute_is_the_console_s_first() -> None:
    text = f"[LDAP://{A};0][LDAP://{B};2]"
    links = parse(text, {})
    assert [(link.dn, link.options) for link in links] == [(B, 2), (A, 0)]
    assert build(links) == text


def test_an_emptied_attribute_holds_no_link() -> None:
    """The console leaves a space when it removes the last link."""
    assert parse(" ", {}) == []


@pytest.mark.parametrize(
    ("live", "order", "after"),
    [
        ("XAYB", "BA", "XBYA"),
        ("AXB", "AB", "AXB"),
        ("XA", "", "XA"),
        ("ABC", "CAB", "CAB"),
        ("AX", "AZ", "AX"),
    ],
)
def test_links_that_no_order_names_keep_their_place(live: str, order: str, after: str) -> None:
    links = [Link(f"CN={name}", 0, name) for name in live]
    assert "".join(link.name for link in arranged(links, order)) == after
