"""Forms of the consequences of a plan: lines of text, Markdown, data under a schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from piste.engine.clock import in_town
from piste.engine.words import agreed, safe, some
from piste.runs.plans import authors
from piste.runs.plans.show import code
from piste.sites.consequences.computed import Consequences
from piste.sites.consequences.form import SIGNS, Consequence
from piste.systems.kinds import TITLES

SCHEMA = Path(__file__).with_name("consequences.schema.json")
FORMAT = 1
SHOWN = 12
"""Most lines at the end of a plan; the others are counted."""
_NAMED = 3
_WAITS = "retenu, ce plan ne le fait pas ; avec son mot"
_ALONE = {0: r"(?<![\w-])", -1: r"(?![\w-])"}
_NOW: Sequence[tuple[str, str]] = (
    ("ne passera plus", "ne passe plus"),
    ("pas, passera", "pas, passe"),
    ("passera par ailleurs", "passe par ailleurs"),
    ("passera peut-être par ailleurs", "passe peut-être par ailleurs"),
    ("passera de", "est passé de"),
    ("passera d’", "est passé d’"),
    ("passeront de", "sont passés de"),
    ("passeront d’", "sont passés d’"),
    ("s’appliqueront", "s’appliquent"),
    ("n’atteindra plus", "n’atteint plus"),
    ("n’atteindront plus", "n’atteignent plus"),
    ("n’entreront plus", "n’entrent plus"),
    ("s’atteindront", "s’atteignent"),
    ("atteindront", "atteignent"),
    ("atteindra", "atteint"),
    ("n’obtiendra plus", "n’obtient plus"),
    ("obtiendra", "obtient"),
    ("ne se résoudra plus", "ne se résout plus"),
    ("ne se résoudront plus", "ne se résolvent plus"),
    ("se résoudra", "se résout"),
    ("se résoudront", "se résolvent"),
    ("mènera", "mène"),
    ("mèneront", "mènent"),
    (", dès l’installation de la politique", ", une fois la politique installée"),
    ("s’arrête, et ce qui en dépend", "est arrêtée, et ce qui en dépend"),
    (", dans les 90 à 120 minutes, ou au démarrage", ", 90 à 120 minutes après l’écart, ou au démarrage"),
    ("admettra", "admet"),
    ("s’appliquera", "s’applique"),
    ("visera", "vise"),
    ("pourra", "peut"),
    ("ne donnera plus", "ne donne plus"),
    ("pourront", "peuvent"),
    ("devra", "doit"),
    ("devront", "doivent"),
    ("ne sera", "n’est"),
    ("sera", "est"),
    ("seront", "sont"),
    ("auront", "ont"),
    ("servira", "sert"),
    ("partiront", "partent"),
    ("l’y chercheront", "l’y cherchent"),
    ("l’y cherchera", "l’y cherche"),
)
"""What will be, and what is, in the words of a drift."""
Since = Callable[[str], str]
"""Gives the day when an owner was last seen as declared; empty where nobody knows."""


def lines(
    made: Consequences, plan: Mapping[str, Any], since: Since, *, whole: bool, drifted: bool = False
) -> list[tuple[str, str]]:
    """List the lines, `(sign, text)`: the worst first, what is not known last.

    A plan that is not kept has nowhere else to say what is left out: all its lines are there.
    """
    shown = made.lines if whole or "seal" not in plan else made.lines[:SHOWN]
    result: list[tuple[str, str]] = []
    for line in shown:
        sign = SIGNS[line.gravity]
        result.append((sign, safe(f"  {sign} {_sentence(line, plan, drifted=drifted)}")))
        if whole:
            result += [("", safe(f"      {text}")) for text in _evidence(line, plan)]
    if left := len(made.lines) - len(shown):
        result.append(("", f"  … et {agreed(left, 'autre(s)')} : piste plan show {plan['id']} --consequences"))
    if whole:
        result += [("", safe(f"  = {text}")) for text in _idle(made, plan)]
    elif made.lines and (idle := sum(map(len, made.idle.values()))):
        result.append(("", f"  = {agreed(idle, 'changement(s)')} sans effet pour les personnes"))
    for line in made.withheld if whole else made.withheld[:SHOWN]:
        result.append(("=", safe(f"  = {_WAITS} : {line.sentence()}")))
        if whole:
            result += [("", safe(f"      {text}")) for text in _evidence(line, plan)]
    return [*result, *(("", safe(f"  {text}")) for text in ending(made, since))]


def _sentence(line: Consequence, plan: Mapping[str, Any], *, drifted: bool) -> str:
    """Write a line: what will be and what an undo makes of it; of a drift, what is, since when."""
    if not drifted:
        return line.sentence() + _ending(line)
    moment = authors.since(plan, line.operations)
    return _now(line.sentence()) + (f" ; l’écart est là depuis le {in_town(moment)} au moins" if moment else "")


def _now(sentence: str) -> str:
    for coming, present in _NOW:
        # Within a longer word, or in a name, it says nothing of the time.
        begin, end = (_ALONE[at] if coming[at].isalpha() else "" for at in (0, -1))
        sentence = re.sub(f"{begin}{re.escape(coming)}{end}", present, sentence)
    return sentence


def ending(made: Consequences, since: Since) -> Iterator[str]:
    """Yield what closes a list: nothing changes, what is assumed, what is not known."""
    if made.nothing:
        yield "= rien ne change pour personne"
    elif not made.lines:
        yield "= rien de connu ne change pour personne"
    if made.assumed:
        yield f"supposé comme déclaré, car ce plan ne le lit pas : {' ; '.join(_assumed(made, since))}"
    yield from (f"? {text}" for text in made.unread)


def _assumed(made: Consequences, since: Since) -> Iterator[str]:
    """Name what is assumed: owners by domain, and since when they are known to be as declared."""
    by_domain: dict[str, list[str]] = {}
    for owner, domain in made.assumed:
        by_domain.setdefault(domain, []).append(owner)
    for domain, owners in by_domain.items():
        known = [f"{owner} ({date})" if (date := since(owner)) else f"{owner} (date inconnue)" for owner in owners]
        yield f"{TITLES.get(domain, domain)} de {some(known, _NAMED)}"


def _idle(made: Consequences, plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what changes nothing for people, and why."""
    return (f"{_named(places, plan)} : {reason}" for reason, places in made.idle.items())


def _ending(line: Consequence) -> str:
    if line.loss:
        return f" ; une annulation : {line.loss}"
    return "" if line.undoable else " ; aucune annulation (piste undo) ne le rend"


def _evidence(line: Consequence, plan: Mapping[str, Any]) -> Iterator[str]:
    yield f"par : {_named(line.operations, plan)}"
    if line.source:
        yield f"d’après : {line.source}"
    if line.unread:
        yield f"inconnu, pas lu : {', '.join(f'{owner} ({TITLES.get(part, part)})' for owner, part in line.unread)}"
    if line.assumed:
        parts = [f"{owner} ({TITLES.get(part, part)})" for owner, part in line.assumed]
        yield f"supposé : {some(parts, _NAMED)}"


def _named(places: Sequence[int], plan: Mapping[str, Any]) -> str:
    names = [f"{o['owner']} / {o['kind']} {o['label']}" for o in (plan["operations"][at] for at in places)]
    return some(names, _NAMED)


def markdown(made: Consequences, plan: Mapping[str, Any], since: Since, *, drifted: bool = False) -> str:
    """Write the consequences for a merge request: each with its evidence, folded."""
    parts = ["### Conséquences", ""]
    for line in made.lines:
        parts.append(f"- `{SIGNS[line.gravity]}` {code(_sentence(line, plan, drifted=drifted))}")
        parts += [f"  - {code(text)}" for text in _evidence(line, plan)]
    parts += [f"- `=` {code(text)}" for text in _idle(made, plan)]
    parts += [f"- `=` {_WAITS} : {code(line.sentence())}" for line in made.withheld]
    parts += [f"- {code(text)}" for text in ending(made, since)]
    return "\n".join(parts)


def data(made: Consequences, plan: Mapping[str, Any], since: Since, *, drifted: bool = False) -> dict[str, Any]:
    """Give the consequences as data, in the form of `SCHEMA`."""
    return {
        "format": FORMAT,
        "plan": plan["id"],
        "environment": plan["environment"],
        "drift": drifted,
        "nothing": made.nothing,
        "consequences": [_data(line, plan, drifted=drifted) for line in made.lines],
        "withheld": [_data(line, plan, drifted=drifted) for line in made.withheld],
        "idle": [
            {"why": reason, "operations": [_operation(at, plan) for at in places]}
            for reason, places in made.idle.items()
        ],
        "assumed": [
            {"owner": owner, "domain": domain, "since": since(owner) or None} for owner, domain in made.assumed
        ],
        "unread": [*made.unread],
    }


def _data(line: Consequence, plan: Mapping[str, Any], *, drifted: bool) -> dict[str, Any]:
    moment = authors.since(plan, line.operations) if drifted else None
    return {
        **asdict(line),
        "operations": [_operation(at, plan) for at in line.operations],
        "assumed": [{"owner": owner, "domain": domain} for owner, domain in line.assumed],
        "unread": [{"owner": owner, "domain": domain} for owner, domain in line.unread],
        "basis": line.basis,
        "sentence": _now(line.sentence()) if drifted else line.sentence(),
        "since": moment.isoformat(timespec="seconds") if moment else None,
    }


def _operation(at: int, plan: Mapping[str, Any]) -> dict[str, Any]:
    operation = plan["operations"][at]
    return {"place": at, **{name: operation[name] for name in ("system", "owner", "kind", "key", "action")}}
