"""The file that a computer writes of itself: numbers and closed words, in a strict form.

Anybody who may write on the share may forge a file: every text and list is bounded, and no text may be a path, an
account or a security identifier. A value that the computer could not read is null, never 0: a list without an item
says that there is none.
Believed: [belief windows.measure_file].
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from piste.engine.converge.moments import AHEAD

LONGEST: Final = 64 * 1024
"""Bytes of a file at most; the collector drops its oldest states before it reaches them."""
DAYS: Final = 35
"""Days of the past that a file may speak of."""
WEEK: Final = 168
"""Hours of a week, from Monday 0:00 by the clock of the computer."""
FILE = re.compile(r"(?P<computer>[A-Z0-9][A-Z0-9-]{0,62})\.json")
"""Name of the file of a computer."""
_PERSONAL = re.compile(r"[\\/@]|S-1-5-21-", re.IGNORECASE)
_YEARS = range(2000, 2100)
"""Years of a moment; at the ends of the calendar, adding days to one is an error."""


class Unreadable(ValueError):
    """A file that is not the report of a computer; the text is the reason, in French."""


def _impersonal(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("un texte d’une ligne, sans espace autour, est attendu")
    if _PERSONAL.search(text):
        raise ValueError("un chemin, un compte ou un identifiant de sécurité n’a pas sa place ici")
    return text


def _universal(moment: datetime) -> datetime:
    if moment.utcoffset() != timedelta():
        raise ValueError("une heure universelle (Z) est attendue")
    if moment.year not in _YEARS:
        raise ValueError("une heure de ce siècle est attendue")
    return moment.astimezone(UTC)


Label = Annotated[str, Field(min_length=1, max_length=96), AfterValidator(_impersonal)]
"""Name of a model, driver, program, task or service; never a path nor a person."""
Name = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,62}$")]
Version = Annotated[str, Field(pattern=r"^\d{1,5}(\.\d{1,6}){0,3}$")]
Moment = Annotated[AwareDatetime, AfterValidator(_universal)]
Seconds = Annotated[int, Field(ge=0, le=2**32 - 1)]
"""Seconds of inactivity; 0 is *never*, as Windows has it."""
Times = Annotated[int, Field(ge=1, le=100_000)]
Minutes = Annotated[int, Field(ge=0, le=60 * (DAYS // 7 + 1))]
Milliwatthours = Annotated[int, Field(ge=0, le=10_000_000)]
Code = Annotated[int, Field(ge=-(2**31), le=2**32 - 1)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class System(_Form):
    """`thin_client_os`: Windows IoT and other systems of thin clients."""

    family: Literal["windows", "macos", "thin_client_os"]
    version: Version


class Battery(_Form):
    """Capacities in mWh, as built and as it is."""

    designed_mwh: Milliwatthours | None
    full_mwh: Milliwatthours | None
    cycles: Annotated[int, Field(ge=0, le=100_000)] | None = None


class Power(_Form):
    """Settings in force, those of policies included."""

    sleep_ac_s: Seconds | None
    sleep_battery_s: Seconds | None = None
    display_ac_s: Seconds | None = None
    hibernate_ac_s: Seconds | None = None
    wake_timers: Literal["off", "on", "important"] | None = None
    modern_standby: bool | None


class Shutdown(_Form):
    """The town's task that shuts the computer down; `last_result` is 0 for success."""

    task_present: bool
    last_run: Moment | None = None
    last_result: Code | None = None


class State(_Form):
    """A stretch of time in one state."""

    since: Moment = Field(alias="from")
    until: Moment
    state: Literal["on", "asleep", "off"]

    @model_validator(mode="after")
    def _goes_forward(self) -> Self:
        if self.since >= self.until:
            raise ValueError("une plage finit après son début")
        return self


class Wake(_Form):
    """Cause of a wake, and how many times in the days of the file."""

    source: Literal["timer", "device", "network", "button", "unknown"]
    owner: Label | None
    times: Times


class Request(_Form):
    """A request to stay awake, at the moment of reading."""

    kind: Literal["system", "display", "away", "execution", "network", "other"]
    owner: Label | None
    times: Times


class Armed(_Form):
    """A scheduled task or a device that is set to wake the computer."""

    kind: Literal["task", "device"]
    owner: Label


class Program(_Form):
    """A program that starts by itself; of `scope: user`, without whose."""

    name: Label
    place: Literal["run", "folder", "task", "service"]
    enabled: bool | None
    scope: Literal["machine", "user"]


class Sessions(_Form):
    """Minutes with a session open, by hour of the week, summed since `since`."""

    since: Moment
    minutes: Annotated[list[Minutes], Field(min_length=WEEK, max_length=WEEK)]


class Printer(_Form):
    """A printer by its kind of port; its name, which may be a person's, is not read."""

    port: Literal["usb", "network", "shared", "virtual"]
    driver: Label | None
    shared: bool | None


class Telemetry(_Form):
    """Level of diagnostic data: 0 security, 1 required, 2 enhanced, 3 optional."""

    level: Annotated[int, Field(ge=0, le=3)] | None


class Updates(_Form):
    """Updates, as Windows says them.

    `searched` is its last successful search, `installed` its last security update [belief windows.measure_updates],
    `failed` the updates whose last installation failed in the days of the file. Daily definitions are not counted.
    """

    searched: Moment | None
    installed: Moment | None
    pending: Annotated[int, Field(ge=0, le=10_000)] | None
    failed: Annotated[int, Field(ge=0, le=10_000)] | None
    restart: bool | None


class Installed(_Form):
    """A program that is installed for the whole computer."""

    name: Label
    version: Label | None


class Report(_Form):
    """A computer by itself; a section that is null was not read.

    `policies` are the names of those it applies [belief windows.measure_policies]; `encrypted`: the disk of the system
    is, and its protection is on; `firewall`: that of each profile is on [belief windows.measure_firewall].
    """

    format: Literal[1]
    computer: Name
    serial: Label | None
    taken_at: Moment
    collector: Version
    system: System
    chassis: Literal["desktop", "laptop", "thin_client", "all_in_one", "virtual", "other"] | None
    maker: Label | None
    model: Label | None
    firmware_on: date | None = None
    installed_on: date | None = None
    battery: Battery | None = None
    power: Power | None
    shutdown: Shutdown | None
    states: Annotated[list[State], Field(max_length=400)] | None
    wakes: Annotated[list[Wake], Field(max_length=40)] | None
    requests: Annotated[list[Request], Field(max_length=40)] | None
    armed: Annotated[list[Armed], Field(max_length=60)] | None = None
    startup: Annotated[list[Program], Field(max_length=120)] | None
    sessions: Sessions | None
    printers: Annotated[list[Printer], Field(max_length=40)] | None
    telemetry: Telemetry | None
    policies: Annotated[list[Label], Field(max_length=100)] | None = None
    encrypted: bool | None = None
    firewall: bool | None = None
    updates: Updates | None = None
    software: Annotated[list[Installed], Field(max_length=300)] | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        earliest, latest = self.taken_at - timedelta(days=DAYS + 1), self.taken_at + AHEAD
        end = earliest
        for state in self.states or ():
            if state.since < end or state.until > latest:
                raise ValueError(f"les plages d’états se suivent, dans les {DAYS} jours d’avant le relevé")
            end = state.until
        if self.sessions and not earliest <= self.sessions.since <= latest:
            raise ValueError(f"les sessions se comptent dans les {DAYS} jours d’avant le relevé")
        return self


def plain(name: str) -> str:
    """Write the name of a policy without the signs that a computer leaves out of its file."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def read(content: bytes, name: str) -> Report:
    """Read the file called `name`. Raises `Unreadable`."""
    match = FILE.fullmatch(name)
    if match is None:
        raise Unreadable("le nom n’est pas celui d’un poste (POSTE.json)")
    if len(content) > LONGEST:
        raise Unreadable(f"plus de {LONGEST // 1024} Kio")
    try:
        report = Report.model_validate_json(content)
    except ValidationError as error:
        raise Unreadable(_reason(error)) from None
    if report.computer != match["computer"]:
        raise Unreadable("le fichier porte le nom d’un poste et parle d’un autre")
    return report


def _reason(error: ValidationError) -> str:
    """Say where a file is wrong, without quoting what it contains."""
    first, *rest = error.errors(include_url=False, include_context=False, include_input=False)
    # A location may be a name that the file made up.
    known = [str(step) for step in first["loc"] if isinstance(step, int) or str(step) in _names()]
    where = ".".join(known) or "document"
    more = f", et {len(rest)} autre{'s' * (len(rest) > 1)} faute{'s' * (len(rest) > 1)}" if rest else ""
    return f"{where} : {_WHY.get(first['type'], 'valeur inattendue')}{more}"


_WHY: Final = {
    "json_invalid": "ce n’est pas du JSON",
    "extra_forbidden": "champ inconnu",
    "missing": "champ absent",
    "string_too_long": "texte trop long",
    "too_long": "liste trop longue",
    "value_error": "valeur incohérente ou personnelle",
}


@cache
def _names() -> set[str]:
    """Name the fields, for the place of a fault: a file without one need not know them."""
    whole = Report.model_json_schema()
    definitions = [whole, *whole["$defs"].values()]
    return {name for definition in definitions for name in definition.get("properties", {})}


SCHEMA: Final = Path(__file__).with_name("report.schema.json")
"""The form as a JSON Schema, for another program that writes such a file."""


def schema() -> dict[str, Any]:
    """Give the form as a JSON Schema."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema()}


def write_schema() -> None:
    """Write the committed schema again."""
    SCHEMA.write_text(json.dumps(schema(), ensure_ascii=False, indent=1) + "\n", "utf-8")
