"""Waves of an upgrade, site by site: what runs, what is next, what stopped it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from piste.engine.clock import in_town
from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.runs.domains.pilots import Pilots
from piste.sites.living import kept
from piste.sites.living.seen import Reading
from piste.systems.meraki.firmware import PLURAL, ill, unread
from piste.town.declared import serving
from piste.town.model.dates import now
from piste.town.model.upgrades import KINDS

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived
    from piste.town.model.upgrades import PlannedUpgrade

Stage = Literal["done", "planned", "waits", "stopped", "missed", "unknown"]
STATES: Mapping[Stage, State] = {
    "done": "ok", "planned": "ok", "waits": "ok", "stopped": "wrong", "missed": "wrong", "unknown": "unknown",
}  # fmt: skip
NEXT: Mapping[Stage, str] = {
    "stopped": "Remettez le pilote en état, ramenez-le (rollback), ou reportez le constat.",
    "missed": "Donnez un autre jour à la vague (upgrades), puis piste plan.",
    "unknown": "piste living read",
}


class Wave(NamedTuple):
    """An upgrade of a site.

    `runs` counts its devices by version; `why` says what it waits for, or what stopped it.
    """

    site: str
    product: str
    version: str
    approved: str
    time: str
    back: bool
    runs: Mapping[str, int]
    stage: Stage
    why: str
    read_at: str

    @property
    def said(self) -> str:
        runs = ", ".join(f"{count} en {version}" for version, count in sorted(self.runs.items()))
        way = "retour à" if self.back else "passage à"
        when = f"{way} {self.version} {'depuis la fenêtre du' if self.stage == 'done' else 'le'} {in_town(self.time)}"
        signed = f"approuvée le {in_town(self.approved, '%d/%m/%Y')}" if self.approved else ""
        about = f"{self.site}, {PLURAL[self.product]} : {when}"
        return " ; ".join(filter(None, (about, runs, signed, self.why)))


def waves(town: Derived, environment: str) -> list[Wave]:
    """Give the state of each declared upgrade of the sites in service, pilots first.

    Raises `UnreadableReading`.
    """
    if not any(town.sites[name]["upgrades"] for name in serving(town)):
        return []
    reading = kept.readings(kept.known(town, environment), town)["meraki"]
    names = {site["network_name"]: name for name, site in town.sites.items()}
    pilots, made = Pilots(environment), dict[tuple[str, str], Wave]()
    asked = [(name, item) for name in serving(town) for item in town.sites[name]["upgrades"]]
    for name, item in sorted(asked, key=lambda each: len(each[1]["pilots"])):
        before = {pilot: made.get((names.get(pilot, ""), item["product"])) for pilot in item["pilots"]}
        made[name, item["product"]] = _wave(town, town.sites[name], item, reading, before, pilots)
    return [*made.values()]


def _wave(
    town: Derived, site: Site, item: PlannedUpgrade, reading: Reading, before: Mapping[str, Wave | None], health: Pilots
) -> Wave:
    runs, why = _running(site, item["product"], reading)
    stage: Stage = "planned"
    if why:
        stage = "unknown"
    elif {*runs} == {item["version"]}:
        stage = "done"
    elif (at := datetime.fromisoformat(item["time"])) <= now():
        seen = bool(reading.read_at) and datetime.fromisoformat(str(reading.read_at)) > at
        stage, why = ("missed", "la fenêtre est passée") if seen else ("unknown", "lu avant la fenêtre")
    elif late := [pilot for pilot, wave in before.items() if wave is None or wave.stage != "done"]:
        stage, why = "waits", f"attend {', '.join(late)}"
    elif wrong := [said for pilot, wave in before.items() if (said := ill(pilot, health[pilot], _taken(wave)))]:
        stage, why = "stopped", wrong[0]
    elif blind := [said for pilot, wave in before.items() if (said := unread(pilot, health[pilot], _taken(wave)))]:
        stage, why = "unknown", f"l’état des pilotes est inconnu : {blind[0]}"
    approved = [entry["approved"] for entry in town.firmware.values() if item["version"] in entry["versions"]]
    return Wave(
        site["id"], item["product"], item["version"], max(filter(None, approved), default=""), item["time"],
        "rollback" in item, runs, stage, why, reading.read_at or "",
    )  # fmt: skip


def _taken(wave: Wave | None) -> str | None:
    """Give the moment since which a site runs its version, that of its reading at the latest."""
    return min(wave.time, wave.read_at, key=datetime.fromisoformat) if wave and wave.read_at else None


def _running(site: Site, product: str, reading: Reading) -> tuple[Mapping[str, int], str]:
    """Count the devices by the version that they run; say what is unknown."""
    if why := reading.unread("devices"):
        return {}, why
    known: Mapping[str, Any] = reading.parts.get("devices") or {}
    serials = [device["serial"] for device in site["devices"] if device["kind"] == KINDS[product]]
    versions = [(known.get(serial) or {}).get("firmware") for serial in serials]
    silent = agreed(versions.count(None), "équipement(s) sans version lue") if None in versions else ""
    return Counter(filter(None, versions)), silent


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding an upgrade of a site; none where nothing is declared."""
    for wave in waves(town, environment):
        yield Finding(
            f"upgrades.{wave.site}.{wave.product}", STATES[wave.stage], wave.said, NEXT.get(wave.stage, ""),
            site=wave.site, evidence=f"réseau, lu le {in_town(wave.read_at)}" if wave.read_at else "",
        )  # fmt: skip
