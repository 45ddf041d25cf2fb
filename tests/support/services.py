"""A town whose City Web has a page, and whose flow leads to other servers too."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, cast

from piste.town.model.derived import Derived
from piste.trials.probe.ways import Ways
from tests.support.twin import town

HOST, SHOWS = "hdv-ag1.ad.lebourget.example", "City Web, Affaires générales"
MACHINE = "10.93.2.27"


@cache
def served() -> Derived:
    """Give the declared town, where City Web says its address and what its page shows."""
    commune: Any = town().commune
    applications = [
        {**entry, "url": f"https://{HOST}/", "shows": SHOWS} if entry["id"] == "city-web" else entry
        for entry in commune["applications"]
    ]
    derived = Derived(town().faults, town().digest, town().town_digest, town().sites, commune, 24, {})
    return replace(derived, commune=cast(Any, {**commune, "applications": applications}))


@cache
def ways() -> Ways:
    return Ways(served())
