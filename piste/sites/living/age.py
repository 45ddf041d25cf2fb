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
from piste.sites.living.kept import NEXUS_PORTS, Kept
from piste.words import NO_BREAK

AGAIN = "piste living read"


def doubts(life: Kept, hours: int, now: datetime) -> dict[str, str]:
    """Give the parts that say nothing of now, each with its reason."""
    doubtful = {}
    for name, part in kept.each(life):
        said = f"relevés le {_written(part['read_at'])}"
        if ahead(part["read_at"], now):
            doubtful[name] = f"{said}, dans l’avenir : une horloge n’est pas à l’heure"
        elif now - part["read_at"] > timedelta(hours=hours):
            doubtful[name] = f"{said}, trop ancien pour le dire encore"
    return doubtful


def believed(life: Kept, doubtful: dict[str, str]) -> Kept:
    """Give the parts that say what lives now."""
    every = life.get("nexus_ports", {})
    ports = {switch: part for switch, part in every.items() if f"{NEXUS_PORTS}/{switch}" not in doubtful}
    others = {part: values for part, values in life.items() if part != NEXUS_PORTS and part not in doubtful}
    return cast("Kept", others | ({NEXUS_PORTS: ports} if ports else {}))


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
        parts = ", ".join(kept.label(name) for name, other in doubtful.items() if other == why)
        yield Finding("living", "unknown", f"{parts}, {why}", AGAIN)
    moments = [part["read_at"] for _, part in kept.each(believed(life, doubtful))]
    if moments and not doubtful:
        yield Finding("living", "ok", f"relevé le {_written(min(moments))}")


def _written(moment: datetime) -> str:
    """Write a moment for a page and for a terminal, which shows no space that does not break."""
    return notation.moment(moment.isoformat()).replace(NO_BREAK, " ")
