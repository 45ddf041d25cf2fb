"""French takes the plural from two on."""

import pytest

from piste.engine.words import NO_BREAK, agreed, in_french


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 valeur gardée telle quelle"), (1, "1 valeur gardée telle quelle"), (2, "2 valeurs gardées telles quelles")],
)
def test_every_word_that_agrees_follows_the_number(number: int, said: str) -> None:
    assert agreed(number, "valeur(s) gardée(s) telle(s) quelle(s)") == said


@pytest.mark.parametrize("after", ["", ",", ")", " et", "."])
def test_a_guillemet_never_ends_nor_begins_a_line_alone(after: str) -> None:
    assert in_french(f"« Aline Marlin »{after}") == f"«{NO_BREAK}Aline Marlin{NO_BREAK}»{after}"
