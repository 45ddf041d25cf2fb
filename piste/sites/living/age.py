"""Until when a kept reading says what lives: beyond, or dated in the future, it is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

from piste.converge.errors import PisteError
from piste.converge.moments import ahead
from piste.dossier import notation
from piste.finding import Finding
from piste.model.derived import Derived
from piste.model.freshness import ages
from piste.sites.living import kept
from piste.sites.living.kept import LABELS, Kept

AGAIN = "piste living read"


def doubts(life: Kept, hours: int, now: datetime) -> dict[str, str]:
    """Give the parts that say nothing of now, each with its reason."""
    found = {}
    for part in LABELS:
        if part in life:
            read_at = life[part]["read_at"]  # type: ignore[literal-required]
            said = f"relevés le {notation.moment(read_at.isoformat())}"
            if ahead(read_at, now):
                found[part] = f"{said}, dans l’avenir : une horloge n’est pas à l’heure"
            elif now - read_at > timedelta(hours=hours):
                found[part] = f"{said}, trop ancien pour le dire encore"
    return found


def believed(life: Kept, doubtful: dict[str, str]) -> Kept:
    """Give the parts that say what lives now."""
    return cast("Kept", {part: values for part, values in life.items() if part not in doubtful})


def findings(town: Derived, environment: str, now: datetime | None = None) -> Iterator[Finding]:
    """Say how old the last readings are; a lab where nothing was ever read has nothing to say."""
    if environment == "lab" and not kept.file(environment).exists():
        return
    try:
        life = kept.last(environment)
    except PisteError as error:
        yield Finding("living", "unknown", str(error), AGAIN)
        return
    if not life:
        yield Finding("living", "unknown", "jamais relevé", AGAIN)
        return
    doubtful = doubts(life, ages(town)["living_hours"], now or datetime.now(UTC))
    for part, why in doubtful.items():
        yield Finding("living", "unknown", f"{LABELS[part]}, {why}", AGAIN)
    moments = [part["read_at"] for part in believed(life, doubtful).values()]  # type: ignore[index]
    if moments and not doubtful:
        yield Finding("living", "ok", f"relevé le {notation.moment(min(moments).isoformat())}")
