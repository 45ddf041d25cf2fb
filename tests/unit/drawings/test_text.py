"""Text of drawings: nothing is lost, nothing is wider than its room, nothing hides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piste.papers.drawings.canvas import ACCENT, ALARM, DARK, EDGE, GOOD, INK, PAPER, QUIET, RULE, SOFT, TINTS
from piste.papers.drawings.text import LEAST, clean, fitted, lines, names, ranges, width
from tests.support.fuzz import examples


@examples(small=15, wide=3000)
@given(st.text(max_size=120), st.floats(20, 300), st.booleans())
def test_lines_fit_their_room_and_lose_nothing(text: str, room: float, bold: bool) -> None:
    broken = lines(text, room, bold=bold)
    assert "".join("".join(broken).split()) == "".join(clean(text).split())
    assert all(width(line, bold=bold) <= room or len(line) == 1 for line in broken)


def test_a_line_ends_at_a_space_before_it_cuts_a_name() -> None:
    assert lines("depuis sw-hdv-01/21, sw-hdv-02/21", 160) == ["depuis sw-hdv-01/21,", "sw-hdv-02/21"]
    assert lines("sw-très-long-et-sans-fin", 90) == ["sw-très-long-", "et-sans-fin"]


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u202e", "\u2028", "\ud800", "\ufeff"])
def test_a_sign_that_would_not_print_or_would_turn_the_text_is_seen(sign: str) -> None:
    assert clean(f"sw{sign}01") == "sw\N{REPLACEMENT CHARACTER}01"


def test_a_line_that_does_not_fit_is_smaller_then_cut() -> None:
    assert fitted("sw-01", 100, 10) == ("sw-01", 10)
    text, size = fitted("sw-hotel-de-ville-01", 90, 10)
    assert (text, size < 10) == ("sw-hotel-de-ville-01", True)
    text, size = fitted("x" * 200, 90, 10)
    assert text.endswith("…")
    assert size == LEAST
    assert width(text, size) <= 90


def test_numbers_and_names_are_written_as_runs() -> None:
    assert ranges([4, 1, 2, 3, 7, 7]) == "1–4, 7"
    assert names(["ap-jau-01", "ap-jau-02", "ap-jau-03", "ap-jau-09", "ap-x"]) == "ap-jau-01 à 03, ap-jau-09, ap-x"
    assert names(["ap-1", "ap-02", "ap-²"]) == "ap-1, ap-02, ap-²"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str) -> float:
    dark, light = sorted((_luminance(ink), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", [PAPER, SOFT, *TINTS])
@pytest.mark.parametrize("ink", [INK, QUIET, ALARM, GOOD])
def test_each_ink_is_legible_on_each_ground_in_light_and_dark(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5
    assert contrast(DARK[ink], DARK[ground]) >= 4.5


@pytest.mark.parametrize("ground", [PAPER, SOFT, *TINTS])
@pytest.mark.parametrize("line", [RULE, EDGE, ACCENT, ALARM, GOOD])
def test_each_line_is_seen_on_each_ground_in_light_and_dark(line: str, ground: str) -> None:
    assert contrast(line, ground) >= 3
    assert contrast(DARK[line], DARK[ground]) >= 3
