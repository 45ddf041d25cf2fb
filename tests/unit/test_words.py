"""French takes the plural from two on."""

import pytest

from piste.words import agreed


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 valeur gardée telle quelle"), (1, "1 valeur gardée telle quelle"), (2, "2 valeurs gardées telles quelles")],
)
def test_every_word_that_agrees_follows_the_number(number: int, said: str) -> None:
    assert agreed(number, "valeur(s) gardée(s) telle(s) quelle(s)") == said
