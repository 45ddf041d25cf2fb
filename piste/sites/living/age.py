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
from piste.words import NO_BREAK

AGAIN = "piste living read"


def doubts(life: Kept, hours: int, now: datetime) -> dict[str, str]:
    """Give the parts that say nothing of now, each with its reason."""
    doubtful = {}
    for part in LABELS:
        if part in life:
            read_at = life[part]["read_at"]  # type: ignore[literal-required]
            said = f"relevés le {_written(read_at)}"
            if ahead(read_at, now):
                doubtful[part] = f"{said}, dans l’avenir : une horloge n’est pas à l’heure"
            elif now - read_at > timedelta(hours=hours):
                doubtful[part] = f"{said}, trop ancien pour le dire encore"
    return doubtful


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
    for why in dict.fromkeys(doubtful.values()):
        parts = ", ".join(LABELS[part] for part, other in doubtful.items() if other == why)
        yield Finding("living", "unknown", f"{parts}, {why}", AGAIN)
    moments = [part["read_at"] for part in believed(life, doubtful).values()]  # type: ignore[index]
    if moments and not doubtful:
        yield Finding("living", "ok", f"relevé le {_written(min(moments))}")


def _written(moment: datetime) -> str:
    """Write a moment for a page and for a terminal, which shows no space that does not break."""
    return notation.moment(moment.isoformat()).replace(NO_BREAK, " ")
