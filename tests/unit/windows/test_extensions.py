"""Attribute that announces extensions: every pair once, sorted; unknown pairs stay."""

from __future__ import annotations

import pytest

from piste.systems.windows.gpo import extensions
from piste.systems.windows.gpo.part import Pair

ZERO = "00000000-0000-0000-0000-000000000000"
DRIVES, DRIVES_TOOL = "5794DAFD-BE60-433F-88A2-1A31939AC01F", "2EA1A81B-48E5-45E9-8BB7-A6E3AC170006"
UNKNOWN = "0ACDD40C-75AC-47AB-BAA0-BF6DE7E7FE63"
WRITTEN = (
    f"[{{{ZERO}}}{{{DRIVES_TOOL}}}][{{{UNKNOWN}}}]"
    "[{35378EAC-683F-11D2-A89A-00C04FBBCFA2}{53D6AB1D-2488-11D1-A28C-00C04FB94F17}"
    "{D02B1F72-3407-48AE-BA88-E8213C6761F1}]"
    f"[{{{DRIVES}}}{{{DRIVES_TOOL}}}]"
)


def test_an_attribute_comes_back_as_it_was_written() -> None:
    pairs = extensions.parse(WRITTEN)
    assert Pair(UNKNOWN, "") in pairs
    assert len(pairs) == 5
    assert extensions.format_pairs(pairs) == WRITTEN


def test_blocks_and_tools_are_sorted_whatever_their_order_and_case() -> None:
    shuffled = WRITTEN.lower().replace("][", "]\n[").split("\n")
    assert extensions.format_pairs(extensions.parse("".join(reversed(shuffled)))) == WRITTEN


def test_a_union_keeps_what_somebody_else_announced() -> None:
    pairs = extensions.parse(f"[{{{UNKNOWN}}}]") | {extensions.AUDIT} | extensions.PUBLIC_KEY
    assert extensions.format_pairs(pairs) == (
        f"[{{{UNKNOWN}}}][{{35378EAC-683F-11D2-A89A-00C04FBBCFA2}}{{53D6AB1D-2488-11D1-A28C-00C04FB94F17}}]"
        "[{B1BE8D72-6EAC-11D2-A4EA-00C04F79F83A}{53D6AB1D-2488-11D1-A28C-00C04FB94F17}]"
        "[{F3CCC681-B74C-4060-9F26-CD84525DCA2A}{0F3F3735-573D-9804-99E4-AB2A69BA5FD4}]"
    )


@pytest.mark.parametrize("text", ["", " "])
def test_a_blank_attribute_announces_nothing(text: str) -> None:
    assert extensions.parse(text) == frozenset()
    assert extensions.format_pairs(()) == ""


@pytest.mark.parametrize("text", ["[]", "[{court}]", "[{" + "-" * 36 + "}]", f"{{{ZERO}}}", f"[{{{ZERO}}}]x"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^caractère [0-9]+ : un bloc"):
        extensions.parse(text)
