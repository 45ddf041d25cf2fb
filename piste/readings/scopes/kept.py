"""The last reading of each DHCP server, judged by scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, TypedDict

from pydantic import Field

from piste.engine.clock import in_town
from piste.engine.finding import Finding
from piste.readings import store
from piste.readings.belief import Reading, Tried, Unread
from piste.readings.table import SUBJECTS, Answer
from piste.systems.windows.dhcp.lent import judged
from piste.town.declared import serving
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["scopes"]
_NEVER = f"jamais lu : {SUBJECT.again}"
_SILENT = "n’a pas été lu : il n’a pas répondu, ou cet environnement ne dit pas comment le joindre"
Count = Annotated[int, Field(ge=0)]


class Use(TypedDict):
    """The use of a scope; None where its server does not count."""

    active: bool
    free: Count | None
    in_use: Count | None


Uses = dict[str, Use]
"""The scopes of a server, by prefix."""


def servers(town: Derived) -> list[str]:
    """Name the DHCP servers of the town."""
    return [server["name"] for server in town.commune["dhcp"]["servers"]] if town.commune else []


def take(town: Derived, environment: str, answer: Answer) -> bool:
    """Keep what each server said of its scopes; tell whether one said something."""
    declared, tried = servers(town), dict[str, Tried[Uses]]()
    silence = store.unanswered(answer, _SILENT)
    for lender in answer.content["lenders"] if answer.content else ():
        at = datetime.fromisoformat(answer.content["read_at"])
        said = {u["subnet"]: Use(active=u["active"], free=u["free"], in_use=u["in_use"]) for u in lender["scopes"]}
        tried[lender["server"]] = Unread(lender["unread"], at) if lender["unread"] else Reading(said, at)
    store.keep(SUBJECT, environment, {name: tried.get(name, silence) for name in declared}, only=declared)
    return any(isinstance(outcome, Reading) for outcome in tried.values()) or not declared


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each scope that the servers of the town must lend.

    A laboratory where nothing was ever read says nothing.
    """
    known = store.last(SUBJECT, environment, ages(town))
    if environment == "lab" and not known:
        return
    lenders, moments = list[dict[str, Any]](), list[datetime]()
    for name in servers(town):
        last = known.get(name)
        if isinstance(last, Reading):
            moments.append(last.read_at)
            uses = [{"subnet": subnet, **use} for subnet, use in last.value.items()]
            lenders.append({"server": name, "scopes": uses, "unread": ""})
        else:
            lenders.append({"server": name, "scopes": [], "unread": last.why if last else _NEVER})
    evidence = f"serveurs DHCP, lus le {in_town(min(moments))}" if moments else ""
    for name, site in serving(town).items():
        for scope in site["scopes"]:
            said = judged(scope["subnet"], lenders)
            what = f"{scope['name']} ({scope['subnet']}) : {said.what}"
            todo = "" if said.state == "ok" else said.todo or SUBJECT.again
            yield Finding(
                f"{SUBJECT.name}.{scope['name']}", said.state, what, todo, site=name,
                gravity="critical" if said.full else "major", evidence=evidence,
            )  # fmt: skip
