"""Changes: each run leaves a trace in GLPI, with its commit and its objects.

Source of the need: CCTP 4.2.3, 4.2.4.

A run is known by its id, in the name of its change: it is never noted twice, whatever was interrupted. A run that
answers a change asked in GLPI is a follow-up of that change. Names and kinds of objects alone travel, never a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from piste.engine.converge.errors import AnswerLost, Fault, InvalidConfig
from piste.engine.converge.locks import exclusive
from piste.engine.converge.module import Module
from piste.engine.converge.reading import listed, mapped, reading
from piste.engine.converge.resource import Field
from piste.systems.glpi.client import Glpi
from piste.systems.glpi.connection import GLPI
from piste.systems.glpi.documents import DOCUMENTS, attach, faults

CLOSED = 6
"""Status of a change that is over. Source: `CommonITILObject::CLOSED`."""
OBJECTS = 200
"""Objects that a change lists; beyond, they are counted."""
_TOGETHER = 50
_EPOCH = "1970-01-01T00:00:00Z"
_ACTIONS = {"create": "créé", "update": "modifié", "delete": "retiré", "reset": "remis à zéro"}
_OUTCOMES = {
    "changes": "terminée", "ok": "terminée", "error": "interrompue par une erreur", "refused": "refusée en partie",
    "unknown": "interrompue, un système ne répondait plus", "killed": "arrêtée en route",
    "partial": "faite en partie, un changement attend une confirmation",
}  # fmt: skip


def name_of(run: Mapping[str, Any]) -> str:
    """Name of the change of a run: it decides whether the run is noted."""
    return f"Piste {run['id']}"


def local(moment: str, timezone: str) -> str:
    """Write a moment by the clock of a zone: `2026-11-24T17:55:00+01:00`. Raises `ValueError`.

    GLPI keeps the digits of a date and drops its offset (`ResourceAccessor::getInputParamsBySchema`).
    """
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")


def note(glpi: Glpi, runs: Sequence[Mapping[str, Any]], timezone: str, *, check: bool = False) -> list[str]:
    """Note the runs that are not noted yet; return their ids and their documents, in order."""
    missing = [run for run in runs if not run.get("change")]
    known = set(_known(glpi, missing))
    done = []
    for run in runs:
        if run.get("change"):
            if not _answers(glpi, int(run["change"]), run["id"]):
                done.append(str(run["id"]))
                if not check:
                    path = f"Assistance/Change/{int(run['change'])}/Timeline/Followup"
                    glpi.request("POST", path, body={"content": content(run)}).mapping()
        elif name_of(run) not in known:
            done.append(str(run["id"]))
            if not check:
                _create(glpi, run, timezone)
        if documents := run.get("documents"):
            done += attach(glpi, name_of(run), documents, check=check)
    return done


def _known(glpi: Glpi, runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [name_of(run) for run in runs]
    for start in range(0, len(names), _TOGETHER):
        for document in glpi.some("Change", {"name": names[start : start + _TOGETHER]}):
            yield str(document.get("name"))


def _create(glpi: Glpi, run: Mapping[str, Any], timezone: str) -> None:
    """Create the change of a run; look for it before it is asked again."""
    body: dict[str, Any] = {"name": name_of(run), "content": content(run), "status": {"id": CLOSED}}
    if run.get("started"):
        body["date"] = local(run["started"], timezone)
    try:
        glpi.create("Change", body)
    except AnswerLost:
        if name_of(run) not in set(_known(glpi, [run])):
            glpi.create("Change", body)


def _answers(glpi: Glpi, change: int, run: str) -> bool:
    """True where a follow-up of a change already names the run."""
    response = glpi.request("GET", f"Assistance/Change/{change}/Timeline/Followup")
    with reading(f"{glpi.host} Change {change}"):
        items = [mapped(mapped(entry).get("item")) for entry in listed(response.document())]
        return any(run in str(item.get("content") or "") for item in items)


def content(run: Mapping[str, Any]) -> str:
    """Text of a change, as GLPI shows it (HTML): every name is escaped."""
    if run.get("said"):
        return "".join(f"<p>{escape(line)}</p>" for line in str(run["said"]).splitlines())
    objects = run["objects"]
    head = [
        f"Exécution {run['id']}, {_OUTCOMES.get(str(run.get('outcome')), 'close')}.",
        f"Déclaration : commit {run.get('commit') or 'inconnu'}{'' if run.get('clean') else ', avec des changements'}.",
        f"Plan : {run['plan']}." if run.get("plan") else "",
        f"{len(objects) or 'Aucun'} objet(s) touché(s).",
    ]
    lines = [
        f"{_ACTIONS.get(entry['action'], entry['action'])} : {entry['kind']} {entry['label']} ({entry['owner']})"
        for entry in objects[:OBJECTS]
    ]
    if len(objects) > OBJECTS:
        lines.append(f"et {len(objects) - OBJECTS} autre(s), au journal de Piste")
    said = "".join(f"<p>{escape(line)}</p>" for line in head if line)
    return said + (f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else "")


RUNS = Field(
    "runs",
    "Runs to note, as M(piste_runs) gives them.",
    type="list",
    required=True,
    of=(
        Field("id", "Id of the run.", required=True),
        *(Field(name, doc) for name, doc in (
            ("started", "When it began."),
            ("commit", "Commit of the declaration."),
            ("plan", "Saved plan that it applied."),
            ("outcome", "How it ended."),
            ("said", "Text of what is no run, as the report of a month: it takes the place of the rest."),
        )),
        Field("clean", "Whether the declaration was committed whole.", type="bool", default=False),
        Field("change", "Number of the change in GLPI that it answers.", type="int"),
        DOCUMENTS,
        Field(
            "objects",
            "Objects that it touched.",
            type="list",
            default=[],
            of=tuple(Field(name, doc, required=True) for name, doc in (
                ("owner", "Its owner."), ("kind", "Its kind."), ("label", "Its name."), ("action", "What was done."),
            )),
        ),
    ),
)  # fmt: skip


TIMEZONE = Field("timezone", "Time zone of GLPI, as C(Europe/Paris): it shows dates by its own clock.", required=True)


def _faults(runs: Sequence[Mapping[str, Any]], timezone: str) -> Iterator[Fault]:
    try:
        ZoneInfo(timezone)
    except (ValueError, OSError, LookupError):
        yield Fault("timezone", f"« {timezone} » n’est pas un fuseau horaire, tel que Europe/Paris")
        return
    for run in runs:
        try:
            local(run.get("started") or _EPOCH, timezone)
        except (ValueError, OverflowError):
            yield Fault(f"runs[{run['id']}].started", f"« {run['started']} » n’est pas un moment")
        yield from faults(run)


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    if not params["runs"]:
        return {"changed": False, "noted": [], "calls": {"reads": 0, "writes": 0}}
    if faults := list(_faults(params["runs"], params["timezone"])):
        raise InvalidConfig(faults)
    glpi = Glpi(params["glpi"])
    try:
        # The end of an apply and the timer of the hour may both find a run that is not noted.
        with nullcontext() if check else exclusive(f"glpi changes {glpi.root}"):
            noted = note(glpi, params["runs"], params["timezone"], check=check)
    finally:
        glpi.close()
    return {"changed": bool(noted), "noted": noted, "calls": dict(glpi.calls)}


MODULES: Mapping[str, Module] = {
    "glpi_changes": Module(name="glpi_changes", options=(GLPI, RUNS, TIMEZONE), run=_run, writes=True, waits="freeze")
}
