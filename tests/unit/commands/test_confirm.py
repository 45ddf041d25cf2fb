"""A word of confirmation that no guard asks for is refused, with its neighbour."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from piste.cli import main


@pytest.mark.parametrize(
    ("given", "said"),
    [("stpp", "Vouliez-vous dire « stp » ?"), ("zzz:x", "docs/appliquer.md"), ("Uplink", "« uplink »")],
)
@pytest.mark.parametrize("verb", [("plan", "ecole-jaures"), ("install", "--show"), ("replace", "A", "B")])
def test_an_unknown_word_is_refused_before_anything_is_asked(verb: tuple[str, ...], given: str, said: str) -> None:
    done = CliRunner().invoke(main, [*verb, "--confirm", given])
    assert done.exit_code != 0
    assert "n’est le mot d’aucun changement gardé" in done.output
    assert said in done.output
