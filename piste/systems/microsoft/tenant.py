"""The tenant as Microsoft Graph says it, part by part; the rights of the application."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import yaml

from piste.engine.converge.errors import PisteError, Rejected
from piste.engine.converge.moments import written
from piste.engine.converge.reading import in_parts, text, whole
from piste.engine.converge.run import Params
from piste.engine.converge.values import Misfit
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.engine.transport.http import segment
from piste.engine.transport.subjects import checked, subject
from piste.engine.words import some
from piste.systems.microsoft import machines
from piste.systems.microsoft.client import SECURITY, Microsoft, needs_licence
from piste.systems.microsoft.connection import SYSTEM

type Row = dict[str, Any]
LEGACY = (
    "Authenticated SMTP", "Autodiscover", "Exchange ActiveSync", "Exchange Online PowerShell", "Exchange Web Services",
    "IMAP4", "MAPI Over HTTP", "Offline Address Book", "Other clients", "Outlook Anywhere (RPC over HTTP)", "POP3",
    "Reporting Web Services",
)  # fmt: skip
"""Clients without a second factor, as sign-ins name them [belief microsoft.clients]."""
_STEP = re.compile(r"@odata\.type|[^.]+")
HOLDERS = ("administrators", "eligible")
"""The parts of those who hold a role, asked for with their name [belief microsoft.principals]."""
MEMBERS = "GroupMember.Read.All"
_NO_AGENTS = f"Donnez {machines.RIGHT} (WindowsDefenderATP), ou déclarez piste_microsoft.defender: false (docs/edr.md)."
_TOO_MUCH = "Retirez ces droits à l’application : Piste ne s’en sert pas."


class Part(TypedDict, total=False):
    """A part of the tenant, as `graph.yml` declares it."""

    label: str
    path: str
    query: Mapping[str, Any]
    permission: str
    licence: str
    columns: Mapping[str, str]
    rows: str
    count: bool
    named: str
    month: str
    days: int
    filter: str
    newest: bool
    defender: bool


PARTS: Mapping[str, Part] = yaml.load(Path(__file__).with_name("graph.yml").read_text("utf-8"), yaml.CSafeLoader)
def permissions(*, defender: bool) -> list[str]:
    """List the least application permissions that read all parts, those of Defender or not."""
    return sorted({part["permission"] for part in _scope(defender).values()} | {MEMBERS})


def _scope(defender: bool) -> Mapping[str, Part]:
    return {name: part for name, part in PARTS.items() if defender or not part.get("defender")}


PERMISSIONS = permissions(defender=True)


def _read(microsoft: Microsoft, params: Params) -> dict[str, Any]:
    wanted = _scope(microsoft.defended)
    reads = {name: _persons if name in HOLDERS else _part for name in wanted}
    parts = in_parts("Microsoft 365", {name: partial(read, microsoft, wanted[name]) for name, read in reads.items()})
    unread = parts.pop("unread")
    return {"parts": parts, "unread": unread, "read_at": written(microsoft.transport.now())}


def _part(microsoft: Microsoft, part: Part) -> list[Row]:
    """Read a part. Raises `Rejected`, which says the right or the licence that lacks."""
    query = dict(part.get("query", {}))
    if days := part.get("days"):
        since = datetime.fromtimestamp(microsoft.transport.now(), UTC) - timedelta(days=days)
        clients = " or ".join(f"clientAppUsed eq '{client}'" for client in LEGACY)
        query["$filter"] = part["filter"].format(since=f"{since:%Y-%m-%dT%H:%M:%SZ}", clients=clients)
    try:
        items = microsoft.items(part["path"], query, newest=part.get("newest", False))
    except Rejected as error:
        if needs_licence(error) and "licence" in part:
            error.what, error.why = f"demande Microsoft Entra ID {part['licence']}", ""
        elif error.status == 403:
            error.what, error.why = f"demande le droit {part['permission']}", error.why
        raise
    if "rows" in part:
        items = [row for item in items for row in whole(item[part["rows"]])]
    places = {name: _STEP.findall(place) for name, place in part["columns"].items()}
    rows = [{name: _at(item, steps) for name, steps in places.items()} for item in items]
    for row in rows:
        if (named := part.get("named")) and row[named] is not True:
            row["name"] = ""
        if (month := part.get("month")) and row[month]:
            row[month] = text(row[month])[:7]
    return [*_counted(rows)] if part.get("count") else rows


def _at(value: Any, steps: Sequence[str]) -> Any:
    """Find a value by its steps, through lists; null where a step is absent.

    Raises `Misfit` for an object.
    """
    for at, step in enumerate(steps):
        if isinstance(value, list):
            return [inner for item in value if (inner := _at(item, steps[at:])) is not None]
        value = value.get(step) if isinstance(value, Mapping) else None
    return _leaf(value)


def _leaf(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise Misfit(f"une valeur simple est attendue, reçu {type(value).__name__}")
    return value


def _counted(rows: Iterable[Row]) -> Iterator[Row]:
    """Count the rows that are alike."""
    keys = Counter(tuple((name, _frozen(value)) for name, value in row.items()) for row in rows)
    for key, count in keys.items():
        yield {**{name: [*value] if isinstance(value, tuple) else value for name, value in key}, "count": count}


def _frozen(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, list) else value


def _persons(microsoft: Microsoft, part: Part) -> list[Row]:
    """Read each holder of a role, those of a group by name.

    A group whose members are not read stays a group. `synced` tells whether the account comes from the directory of
    the town, null where accounts are not read.
    """
    accounts: Mapping[str, Mapping[str, Any]] = {}
    try:
        users = microsoft.items(PARTS["accounts"]["path"], PARTS["accounts"]["query"])
        accounts = {text(user["id"]): user for user in users}
    except PisteError:
        pass  # the part of the accounts says it
    persons = []
    for row in _part(microsoft, part):
        kind = str(row.pop("kind") or "").rpartition(".")[2]
        members = [row]
        if kind == "group":
            try:
                path = f"/groups/{segment(row['id'])}/transitiveMembers/microsoft.graph.user"
                users = microsoft.items(path, {"$select": "id,userPrincipalName,displayName", "$top": 999})
                members = [
                    {
                        **row,
                        "id": text(user["id"]),
                        "name": _leaf(user.get("userPrincipalName")),
                        "label": _leaf(user.get("displayName")),
                    }
                    for user in users
                ]
                kind = "user"
            except PisteError:
                pass
        for member in members:
            known = accounts.get(member["id"], {})
            via = row["label"] if member is not row else ""
            synced = bool(known.get("onPremisesSyncEnabled")) if known else None
            enabled = _leaf(known.get("accountEnabled"))
            persons.append({**member, "kind": kind, "via": via, "synced": synced, "enabled": enabled})
    return persons


def _checks(microsoft: Microsoft, params: Params) -> Iterator[Finding]:
    """Yield every finding: the application signs in, with the least rights."""
    probe.hurry(microsoft.transport)
    try:
        rights = microsoft.rights()
    except Rejected as error:
        yield Finding("microsoft.account", "ok", "Microsoft accepte l’application et son certificat")
        yield Finding("microsoft.rights", "unknown", error.sentence(), "Lisez ses droits dans la console d’Entra.")
        return
    except PisteError as error:
        yield probe.silence("microsoft", error)
        return
    yield Finding("microsoft.account", "ok", "Microsoft accepte l’application et son certificat")
    least = permissions(defender=microsoft.defended)
    if lacking := [right for right in least if right not in rights]:
        todo = "Dans Entra, donnez-les à l’application (docs/microsoft-365.md), ou laissez ces parties inconnues."
        yield Finding("microsoft.rights", "wrong", f"il manque à l’application : {', '.join(lacking)}", todo)
    else:
        yield Finding("microsoft.rights", "ok", f"l’application a les {len(least)} droits de lecture")
    defender, finding = _machines(microsoft)
    yield finding
    read = "sur Graph" if defender is None else "sur Graph, ni sur Defender"
    more = [right for right in rights if right not in least]
    more += [right for right in defender or () if right != machines.RIGHT]
    if more:
        said = f"l’application a des droits de trop : {some(more, 12)}"
        yield Finding("microsoft.excess", "wrong", said, _TOO_MUCH, gravity="critical")
    else:
        yield Finding("microsoft.excess", "ok", f"l’application n’a aucun droit de trop {read}")


def _machines(microsoft: Microsoft) -> tuple[list[str] | None, Finding]:
    """Give the permissions for Defender, None where they are not read, and what they let read."""
    id_ = "microsoft.machines"
    if not microsoft.defended:
        what = "Defender : hors périmètre, la Ville dit ne pas l’avoir (piste_microsoft.defender)"
        return None, Finding(id_, "ok", what, gravity="minor")
    try:
        rights = microsoft.rights(SECURITY)
    except PisteError as error:
        return None, Finding(id_, "unknown", error.sentence(), _NO_AGENTS, gravity="minor")
    if machines.RIGHT in rights:
        return rights, Finding(id_, "ok", "l’application lit les machines de Defender", gravity="minor")
    what = f"sans {machines.RIGHT}, l’application ne lit pas les machines de Defender"
    return rights, Finding(id_, "wrong", what, _NO_AGENTS, gravity="minor")


MODULES = {
    **subject("microsoft_tenant", SYSTEM, _read),
    **checked("microsoft_checks", SYSTEM, _checks),
}
