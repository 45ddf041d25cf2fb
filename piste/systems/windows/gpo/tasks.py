"""Definition of a scheduled task, as people write it (MS-GPPREF 2.2.1.18.3, MS-TSCH 2.5).

The document is read whole. A definition with anything that the fields cannot express has no value here and stays as it
is. Triggers and actions of another kind keep their own XML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lxml import etree

from piste.engine.converge.errors import Fault
from piste.engine.converge.resource import Field
from piste.systems.windows.gpo.part import Principals
from piste.systems.windows.gpo.task_triggers import (
    DURATION,
    Reader,
    boolean,
    check_trigger,
    check_xml,
    make_trigger,
    take_trigger,
    write,
)
from piste.systems.windows.gpo.task_triggers import FIELDS as TRIGGER_FIELDS
from piste.systems.windows.gpo.xml import elements, fragment, parse

if TYPE_CHECKING:
    from lxml.etree import _Element

LEVELS = {"least": "LeastPrivilege", "highest": "HighestAvailable"}
INSTANCES = {"ignore": "IgnoreNew", "parallel": "Parallel", "queue": "Queue", "stop": "StopExisting"}

# Field, element of `Settings`, default (Task Scheduler schema, settingsType), in the order of writing.
_SETTINGS: tuple[tuple[str, str, Any, str], ...] = (
    ("idle_duration", "IdleSettings/Duration", "PT10M", "How long the computer must have been idle."),
    ("idle_wait", "IdleSettings/WaitTimeout", "PT1H", "How long to wait for it to be idle."),
    ("stop_on_idle_end", "IdleSettings/StopOnIdleEnd", True, "Stop when it is no longer idle."),
    ("restart_on_idle", "IdleSettings/RestartOnIdle", False, "Start again when it is idle again."),
    ("instances", "MultipleInstancesPolicy", "ignore", "What to do where one is running already."),
    ("not_on_batteries", "DisallowStartIfOnBatteries", True, "Do not start on batteries."),
    ("stop_on_batteries", "StopIfGoingOnBatteries", True, "Stop when it goes on batteries."),
    ("kill", "AllowHardTerminate", True, "Kill what does not stop."),
    ("catch_up", "StartWhenAvailable", False, "Start as soon as possible after a missed time."),
    ("needs_network", "RunOnlyIfNetworkAvailable", False, "Only where a network is there."),
    ("on_demand", "AllowStartOnDemand", True, "It may be started by hand."),
    ("active", "Enabled", True, "The task runs; false keeps it there, asleep."),
    ("hidden", "Hidden", False, "Hidden in the scheduler."),
    ("needs_idle", "RunOnlyIfIdle", False, "Only while the computer is idle."),
    ("wake", "WakeToRun", False, "Wake the computer to run."),
    ("time_limit", "ExecutionTimeLimit", "P3D", "Longest time it may run (ISO 8601; PT0S: none)."),
    ("delete_after", "DeleteExpiredTaskAfter", None, "Delete it this long after its last time (ISO 8601)."),
    ("priority", "Priority", 7, "0 (highest) to 10."),
    ("retry_interval", "RestartOnFailure/Interval", None, "Time between attempts after a failure (ISO 8601)."),
    ("retries", "RestartOnFailure/Count", None, "Attempts after a failure."),
)
_DURATIONS = ("idle_duration", "idle_wait", "time_limit", "delete_after", "retry_interval")


def _setting_field(name: str, default: Any, doc: str) -> Field:
    kind = "bool" if isinstance(default, bool) else "int" if name in ("priority", "retries") else "str"
    choices = tuple(INSTANCES) if name == "instances" else ()
    top = 10 if name == "priority" else None
    plain = Field(name, doc, type=kind, choices=choices, minimum=0 if kind == "int" else None, maximum=top)
    return plain if default is None else Field(
        name, doc, type=kind, choices=choices, default=default, minimum=plain.minimum, maximum=top
    )  # fmt: skip


_ACTIONS = ("Exec", "ComHandler", "SendEmail", "ShowMessage")  # Task Scheduler schema, actionGroup
_ACTION_FIELDS = (
    Field("command", "Program."),
    Field("arguments", "Its arguments."),
    Field("working_directory", "Folder that it starts in."),
    Field("xml", "The action's own XML, for one without a form here."),
)


class TaskBody:
    """Body of a scheduled task: the `Task` element of `Properties`."""

    wires = ()
    fields: tuple[Field, ...] = (
        Field("author", "Who made it.", default="Piste"),
        Field("comment", "What it is for.", default=""),
        Field("run_level", "Rights that it runs with.", choices=tuple(LEVELS), default="least"),
        *(_setting_field(name, default, doc) for name, _, default, doc in _SETTINGS),
        Field("triggers", "When it starts.", type="list", of=TRIGGER_FIELDS),
        Field("actions", "What it runs, in order.", type="list", of=_ACTION_FIELDS),
    )

    def take(self, properties: _Element, principals: Principals) -> dict[str, Any]:
        children = list(elements(properties))
        if not children:
            return {}
        if len(children) > 1 or children[0].tag != "Task":
            raise ValueError(children[-1].tag)
        task = Reader(children[0])
        value: dict[str, Any] = {
            "author": task.text("RegistrationInfo/Author") or "",
            "comment": task.text("RegistrationInfo/Description") or "",
            "run_level": _word(LEVELS, task.text("Principals/Principal/RunLevel") or "LeastPrivilege"),
        }
        # The principal repeats the attributes of Properties; a different principal would be a second truth.
        user = task.text("Principals/Principal/UserId")
        group = task.text("Principals/Principal/GroupId")
        logon = task.text("Principals/Principal/LogonType")
        if (user or group or properties.get("runAs", "")) != properties.get("runAs", ""):
            raise ValueError(user)
        if logon and logon != properties.get("logonType"):
            raise ValueError(logon)
        value |= {name: setting for name, setting in _settings(task) if setting is not None}
        value["triggers"] = list(map(take_trigger, task.parts("Triggers")))
        value["actions"] = list(map(_action, task.parts("Actions")))
        task.finish()
        return value

    def put(self, properties: _Element, value: Mapping[str, Any], principals: Principals) -> None:
        for child in list(properties):
            properties.remove(child)
        if not value.get("actions"):
            return
        task = etree.SubElement(properties, "Task", version="1.3")
        write(task, "RegistrationInfo/Author", value.get("author", ""))
        write(task, "RegistrationInfo/Description", value.get("comment", ""))
        principal = etree.SubElement(etree.SubElement(task, "Principals"), "Principal", id="Author")
        grouped = properties.get("logonType") == "Group"
        write(principal, "GroupId" if grouped else "UserId", properties.get("runAs", ""))
        if not grouped:
            write(principal, "LogonType", properties.get("logonType", ""))
        write(principal, "RunLevel", LEVELS[value.get("run_level", "least")])
        for name, path, default, _ in _SETTINGS:
            given = value.get(name, default)
            if given is not None:
                write(task, f"Settings/{path}", INSTANCES[given] if name == "instances" else given)
        if value.get("triggers"):
            triggers = etree.SubElement(task, "Triggers")
            triggers.extend(map(make_trigger, value["triggers"]))
        actions = etree.SubElement(task, "Actions", Context="Author")
        actions.extend(map(_action_element, value["actions"]))

    def check(self, value: Mapping[str, Any], path: str, principals: Principals) -> list[Fault]:
        faults = []
        if value.get("action") != "delete" and not value.get("actions"):
            faults.append(Fault(f"{path}.actions", "une tâche lance au moins un programme"))
        faults += [
            Fault(f"{path}.{name}", f"« {value[name]} » n’est pas une durée (PT10M, P3D)")
            for name in _DURATIONS
            if name in value and not DURATION.fullmatch(value[name])
        ]
        if ("retries" in value) != ("retry_interval" in value):
            faults.append(Fault(path, "retries et retry_interval vont ensemble"))
        for at, trigger in enumerate(value.get("triggers") or ()):
            faults += check_trigger(trigger, f"{path}.triggers[{at}]")
        for at, action in enumerate(value.get("actions") or ()):
            where = f"{path}.actions[{at}]"
            if ("command" in action) == ("xml" in action):
                faults.append(Fault(where, "une action est soit command, soit xml"))
            faults += check_xml(action, where, _ACTIONS)
        return faults


def _word(words: Mapping[str, str], wire: str) -> str:
    for word, text in words.items():
        if text == wire:
            return word
    raise ValueError(wire)


def _typed(name: str, text: str, default: Any) -> Any:
    if name == "instances":
        return _word(INSTANCES, text)
    if isinstance(default, bool):
        return boolean(text)
    return int(text) if name in ("priority", "retries") else text


def _settings(task: Reader) -> list[tuple[str, Any]]:
    result = []
    for name, path, default, _ in _SETTINGS:
        text = task.text(f"Settings/{path}")
        result.append((name, default if text is None else _typed(name, text, default)))
    return result


def _action(element: _Element) -> dict[str, Any]:
    reader = Reader(element)
    names = {"command": "Command", "arguments": "Arguments", "working_directory": "WorkingDirectory"}
    value = {name: text for name, path in names.items() if (text := reader.text(path)) is not None}
    try:
        if element.tag != "Exec" or "command" not in value:
            raise ValueError(element.tag)
        reader.finish()
    except ValueError:
        return {"xml": fragment(element)}
    return value


def _action_element(value: Mapping[str, Any]) -> _Element:
    if "xml" in value:
        return parse(value["xml"])
    element = etree.Element("Exec")
    write(element, "Command", value["command"])
    if "arguments" in value:
        write(element, "Arguments", value["arguments"])
    if "working_directory" in value:
        write(element, "WorkingDirectory", value["working_directory"])
    return element
