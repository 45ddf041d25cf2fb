"""The judgment of a supply: mains, load, charge, runtime, age of the battery.

Source: *Network UPS Tools*, `docs/new-drivers.txt`, "Status data"; `docs/nut-names.txt`. What no document proves of a
supply is believed: [belief ups.mains], [belief ups.percents], [belief ups.runtime], [belief ups.cards].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from piste.engine.finding import Finding, State

MOST_LOAD, LEAST_CHARGE = 80.0, 90.0
"""Percent: a supply beyond this load has no margin; below this charge, on mains, its battery does not hold."""
FULLEST = 110.0
"""Percent: a meter may err so far; beyond, a supply says that it does not know (public dumps have 120 and 255)."""
BATTERY_YEARS = 4
"""Life of a lead battery where no end is declared."""
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d", "%m%d%Y", "%d%m%Y")
"""The forms of a date in public dumps of supplies [belief ups.battery_date]."""
_OLDEST = 1990
"""A battery that is older is a clock that was never set."""
STATES: Mapping[str, str] = {
    "OB": "sur batterie : le secteur manque",
    "LB": "batterie presque vide",
    "RB": "batterie à remplacer",
    "BYPASS": "en dérivation : rien n’est secouru",
    "OVER": "surchargé",
    "OFF": "arrêté",
    "FSD": "arrêt forcé : ce qu’il secourt s’éteint",
    "ALARM": "en alarme",
}
HARMLESS = frozenset({"OL", "HB", "CHRG", "DISCHRG", "CAL", "TRIM", "BOOST", "WAIT"})
"""The other words of a status: none is a fault [belief ups.words]."""

_CUT = (
    "Voyez d’abord le secteur (disjoncteur, prise, coupure du quartier) ; s’il ne revient pas avant la fin de "
    "l’autonomie, arrêtez les machines dans l’ordre (piste runbook pra)."
)
_REPLACE = "Ouvrez un ticket : remplacement de la batterie ou de l’onduleur (piste dossier commune)."


def trial(ups: Mapping[str, Any], read: Mapping[str, str] | None, today: date, why: str = "") -> dict[str, str]:
    """Judge a declared supply; `why` says why it was not read."""
    name, minutes = ups["name"], ups["runtime_minutes"]
    title = f"{name}, onduleur"
    expected = "sur secteur, chargé, sous 80 % de charge" + (f", {minutes} minutes au moins" if minutes else "")
    wrong = [*_age(ups, read or {}, today)]
    unknown = [] if read else [why or "pas lu"]
    if read is not None:
        faults, unread = _faults(ups, read)
        wrong, unknown = [*faults, *wrong], unread
    state: State = "wrong" if wrong else "unknown" if unknown else "ok"
    dated = bool(ups["battery_until"] or _made(read or {}, today))
    observed = " ; ".join([*wrong, *unknown]) or _sound(read or {}, dated=dated)
    todo = {
        "ok": "",
        "wrong": _CUT if "OB" in (read or {}).get("ups.status", "").split() else _REPLACE,
        "unknown": "Vérifiez le serveur NUT et le nom de l’onduleur, puis relancez.",
    }[state]
    finding = Finding(f"ups.{name}", state, f"{title} : {observed}", todo)
    return {**finding.to_json(), "title": title, "expected": expected, "observed": observed}


def _faults(ups: Mapping[str, Any], read: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """List what is wrong, then what the supply does not say."""
    status = read.get("ups.status", "").split()
    wrong = [words for flag, words in STATES.items() if flag in status]
    # While its driver starts, NUT says WAIT.
    unknown = [] if {"OL", "OB"} & set(status) else ["ne dit pas s’il est sur secteur"]
    load, charge, runtime = (_number(read.get(key)) for key in ("ups.load", "battery.charge", "battery.runtime"))
    if load is None:
        unknown.append("ne dit pas sa charge")
    elif load > MOST_LOAD:
        wrong.append(f"chargé à {load:g} %")
    if charge is None:
        unknown.append("ne dit pas l’état de sa batterie")
    elif charge > FULLEST:
        unknown.append(f"dit sa batterie à {charge:g} %, ce qui n’est pas une mesure")
    elif charge < LEAST_CHARGE and "OB" not in status and "CHRG" not in status:
        wrong.append(f"batterie à {charge:g} %, sur secteur")
    if minutes := ups["runtime_minutes"]:
        if runtime is None:
            unknown.append("ne dit pas son autonomie")
        elif runtime < 60 * minutes:
            wrong.append(f"{runtime / 60:.0f} minutes d’autonomie, {minutes} déclarées")
    return wrong, unknown


def _age(ups: Mapping[str, Any], read: Mapping[str, str], today: date) -> Iterator[str]:
    """Yield a battery past its end: the declared end, else its own date and a usual life."""
    if ups["battery_until"]:
        if ups["battery_until"] < today.isoformat():
            yield f"batterie à remplacer depuis le {date.fromisoformat(ups['battery_until']):%d/%m/%Y}"
        return
    made = _made(read, today)
    if made and (today - made).days > BATTERY_YEARS * 365:
        yield f"batterie du {made:%d/%m/%Y}, plus de {BATTERY_YEARS} ans"


def _made(read: Mapping[str, str], today: date) -> date | None:
    """Give the date of the battery: of its change, else of its making; None without either.

    Public dumps of supplies have ISO dates, slashes either way, months first, two digits for a year, and words
    (C(not set), C(CPS)). Of two readings of a date, the younger accuses no battery wrongly; a day to come is none.
    """
    for key in ("battery.date", "battery.mfr.date"):
        dates = {made for pattern in DATES if (made := parsed(read.get(key, "").strip(), pattern)) and made <= today}
        if dates:
            return max(dates)
    return None


def parsed(text: str, pattern: str) -> date | None:
    try:
        made = datetime.strptime(text, pattern).date()
    except ValueError:
        return None
    return made if made.year >= _OLDEST else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None


def _sound(read: Mapping[str, str], *, dated: bool) -> str:
    runtime = _number(read.get("battery.runtime"))
    lasting = f", {runtime / 60:.0f} minutes" if runtime is not None else ""
    sound = f"sur secteur, chargé à {read['ups.load']} %, batterie à {read['battery.charge']} %{lasting}"
    return sound if dated else f"{sound} ; l’âge de la batterie n’est pas dit"
