"""The trials of services that probes made in a month, by application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from piste.engine.converge.untrusted import read_plain
from piste.sites.month.period import Period
from piste.trials.probe.results import Probing, folder
from piste.trials.probe.services import KIND

type Tries = dict[str, list[tuple[str, bool | None]]]
"""By application, the moment of each trial and whether it worked; None: the trial itself says nothing."""
_WORKED = {"conform": True, "wrong": False}


def tries(environment: str, during: Period, within: Callable[[str | None], bool]) -> Tries:
    """Give the trials of a month. Raises `OSError`, `ValueError` where a file does not read.

    A twin rehearses the lab: it tries no service of a real town.
    """
    made: Tries = {}
    first, last = (f"{day:%Y%m%d}" for day in (during.first - timedelta(days=1), during.last + timedelta(days=1)))
    for path in sorted(folder(environment).glob("*/*.json")):
        if not first <= path.stem[:8] <= last:
            continue
        record = Probing.model_validate_json(read_plain(path))
        if record.carrier == "twin" and environment != "lab":
            continue
        for place in record.places:
            for result in place.results if within(str(place.ended)) else ():
                if result.kind == KIND:
                    name = result.id.removeprefix(f"{KIND}.")
                    made.setdefault(name, []).append((str(place.ended), _WORKED.get(result.verdict)))
    return made
