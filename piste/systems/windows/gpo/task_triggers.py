"""Triggers of a scheduled task, as people write them (Task Scheduler schema, triggerGroup)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo.xml import elements, fragment, local, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
_TRIGGERS = {
    "once": "TimeTrigger",
    "daily": "CalendarTrigger",
    "weekly": "CalendarTrigger",
    "monthly": "CalendarTrigger",
    "startup": "BootTrigger",
    "logon": "LogonTrigger",
    "idle": "IdleTrigger",
    "registration": "RegistrationTrigger",
    "session": "SessionStateChangeTrigger",
}
_ELEMENTS = (*dict.fromkeys(_TRIGGERS.values()), "EventTrigger", "WnfStateChangeTrigger")
_CALENDAR = {"daily": "ScheduleByDay", "weekly": "ScheduleByWeek", "monthly": "ScheduleByMonth"}
_TIMED = ("once", *_CALENDAR)
# Field of a trigger, element, in the order of writing.
_TRIGGER = (
    ("repeat_every", "Repetition/Interval"),
    ("repeat_for", "Repetition/Duration"),
    ("start", "StartBoundary"),
    ("end", "EndBoundary"),
    ("enabled", "Enabled"),
    ("random_delay", "RandomDelay"),
    ("delay", "Delay"),
    ("user", "UserId"),
    ("state", "StateChange"),
)
_CONSTANT = {("Task", "version"), ("Principal", "id"), ("Actions", "Context")}
DURATION = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+S)?)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")

FIELDS = (
    Field("type", "When it starts.", choices=tuple(_TRIGGERS)),
    Field("start", "First time, local (2026-01-31T20:00:00)."),
    Field("end", "Last time."),
    Field("enabled", "The trigger counts.", type="bool", default=True),
    Field("every", "Every so many days or weeks.", type="int", minimum=1),
    Field("days", "Days of the week; for monthly, numbers of the month or Last.", type="list"),
    Field("months", "Months of a monthly trigger.", type="list"),
    Field("repeat_every", "Repetition within the day (ISO 8601)."),
    Field("repeat_for", "How long it repeats (ISO 8601)."),
    Field("random_delay", "Random delay at most (ISO 8601)."),
    Field("delay", "Delay (ISO 8601)."),
    Field("user", "Account whose log-on or session counts."),
    Field("state", "Change of session: SessionLock, SessionUnlock, RemoteConnect …"),
    Field("xml", "The trigger's own XML, for one without a form here."),
)


class Reader:
    """Reads an element: what is asked for is crossed off, and nothing may be left at the end."""

    def __init__(self, root: _Element) -> None:
        self.root = root
        self.left = {part for part in root.iter("*") if _says_more(part) or (part is not root and not len(part))}

    def text(self, path: str) -> str | None:
        matches = self.root.findall(path)
        if len(matches) > 1 or any(map(_says_more, matches)):
            raise ValueError(path)
        self.left -= set(matches)
        return matches[0].text or "" if matches else None

    def parts(self, path: str) -> list[_Element]:
        groups = self.root.findall(path)
        if len(groups) > 1:
            raise ValueError(path)
        for group in groups:
            self.left -= set(group.iter("*"))
        return [child for group in groups for child in elements(group)]

    def finish(self) -> None:
        for element in self.left:
            raise ValueError(element.tag)


def _says_more(element: _Element) -> bool:
    """True where an attribute holds something that no field expresses."""
    return any((element.tag, name) not in _CONSTANT for name in element.attrib)


def boolean(text: str) -> bool:
    if text.lower() in ("true", "1", "false", "0"):
        return text.lower() in ("true", "1")
    raise ValueError(text)


def take_trigger(element: _Element) -> dict[str, Any]:
    for kind, tag in _TRIGGERS.items():
        if tag == element.tag and (kind not in _CALENDAR or element.find(_CALENDAR[kind]) is not None):
            try:
                return _plain_trigger(kind, element)
            except ValueError:
                break
    return {"xml": fragment(element), "enabled": True}


def _plain_trigger(kind: str, element: _Element) -> dict[str, Any]:
    value: dict[str, Any] = {"type": kind}
    reader = Reader(element)
    for name, path in _TRIGGER:
        text = reader.text(path)
        if text is not None:
            value[name] = boolean(text) if name == "enabled" else text
    value.setdefault("enabled", True)
    if kind in _CALENDAR:
        schedule = _CALENDAR[kind]
        every = reader.text(f"{schedule}/{'DaysInterval' if kind == 'daily' else 'WeeksInterval'}")
        if kind == "monthly":
            value["days"] = [day.text or "" for day in reader.parts(f"{schedule}/DaysOfMonth")]
            value["months"] = [str(month.tag).lower() for month in reader.parts(f"{schedule}/Months")]
        else:
            value["every"] = int(every) if every else 1
        if kind == "weekly":
            value["days"] = [str(day.tag).lower() for day in reader.parts(f"{schedule}/DaysOfWeek")]
    reader.finish()
    return value


def make_trigger(value: Mapping[str, Any]) -> _Element:
    if "xml" in value:
        return parse(value["xml"])
    kind = value["type"]
    element = etree.Element(_TRIGGERS[kind])
    for name, path in _TRIGGER:
        if name in value:
            write(element, path, value[name])
    if kind == "daily":
        write(element, "ScheduleByDay/DaysInterval", value.get("every", 1))
    elif kind == "weekly":
        write(element, "ScheduleByWeek/WeeksInterval", value.get("every", 1))
        _names(element, "ScheduleByWeek", "DaysOfWeek", value["days"])
    elif kind == "monthly":
        schedule = etree.SubElement(element, "ScheduleByMonth")
        days = etree.SubElement(schedule, "DaysOfMonth")
        for day in value["days"]:
            etree.SubElement(days, "Day").text = str(day)
        _names(element, "ScheduleByMonth", "Months", value.get("months") or MONTHS)
    return element


def _names(element: _Element, schedule: str, group: str, names: Sequence[str]) -> None:
    parent = element.find(schedule)
    assert parent is not None
    holder = etree.SubElement(parent, group)
    for name in names:
        etree.SubElement(holder, name.capitalize())


def write(parent: _Element, path: str, value: Any) -> None:
    for step in path.split("/"):
        child = parent.find(step)
        parent = etree.SubElement(parent, step) if child is None else child
    parent.text = str(value).lower() if isinstance(value, bool) else str(value)


def check_trigger(value: Mapping[str, Any], path: str) -> list[Fault]:
    if "xml" in value or "type" not in value:
        extra = [name for name in value if name not in ("xml", "enabled")]
        if "xml" in value and not extra:
            return check_xml(value, path, _ELEMENTS)
        return [Fault(path, f"un déclencheur a un type ({', '.join(_TRIGGERS)}), ou seulement son xml")]
    kind, faults = value["type"], []

    def wants(name: str, valid: Callable[[Any], bool], message: str) -> None:
        if name in value and not valid(value[name]):
            faults.append(Fault(f"{path}.{name}", f"« {value[name]} » {message}"))

    if kind in _TIMED and "start" not in value:
        faults.append(Fault(f"{path}.start", f"un déclencheur {kind} a une première heure (2026-01-31T20:00:00)"))
    for name in ("start", "end"):
        wants(name, lambda text: bool(_MOMENT.fullmatch(text)), "n’est pas une heure (2026-01-31T20:00:00)")
    for name in ("repeat_every", "repeat_for", "random_delay", "delay"):
        wants(name, lambda text: bool(DURATION.fullmatch(text)), "n’est pas une durée (PT10M, P1D)")
    if kind in ("weekly", "monthly") and not value.get("days"):
        faults.append(Fault(f"{path}.days", "des jours sont attendus"))
    if kind == "weekly":
        wants("days", lambda days: set(days) <= set(DAYS), f"contient autre chose que {', '.join(DAYS)}")
    if kind == "monthly":
        wants("days", lambda days: all(re.fullmatch(r"[1-9]|[12]\d|3[01]|Last", day) for day in days),
              "contient autre chose que 1 à 31 ou Last")  # fmt: skip
        wants("months", lambda months: set(months) <= set(MONTHS), f"contient autre chose que {', '.join(MONTHS)}")
    if kind == "session" and "state" not in value:
        faults.append(Fault(f"{path}.state", "le changement de session est attendu (SessionLock …)"))
    return faults


def check_xml(value: Mapping[str, Any], path: str, known: Sequence[str]) -> list[Fault]:
    """Faults of the XML of a trigger or an action, whose element must be known."""
    if "xml" not in value:
        return []
    try:
        tag = local(parse(value["xml"]))
    except ValueError as error:
        return [Fault(f"{path}.xml", f"ce n’est pas du XML ({error})")]
    return [] if tag in known else [Fault(f"{path}.xml", f"<{tag}> n’est aucun de {', '.join(known)}")]
