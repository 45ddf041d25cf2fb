"""The program that asks all computers of a twin at once."""

from __future__ import annotations

import os

from piste.trials.rehearsal import probing


def test_a_probe_that_dies_says_why() -> None:
    (made,) = probing.ask_all([("nulle-part", {"format": 1})], os.environ)
    assert made["answers"] == {}
    assert "/run/netns/nulle-part" in made["error"]
