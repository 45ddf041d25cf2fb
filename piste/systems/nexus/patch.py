"""The patch that a switch says it would apply: the only place that interprets it.

A public transcript of NX-OS 9.3(1) shows the commands of `configure replace … verify-only` between backquotes. It
shows a patch that is "successful" after syntax errors, and a list of VLANs that is removed before it is written.
Both are refused, and so is each line that the grammar does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from piste.engine.converge.values import Misfit
from piste.systems.nexus.candidate import ALLOWED, Command, spans
from piste.systems.nexus.state import Port, numbers

_PROGRESS = frozenset(
    {"Version match between user file and running configuration.", "Pre-check for User config PASSED",
     "Collecting Running-Config", "Converting to checkpoint file", "Generating Rollback Patch", "Validating Patch",
     "Generating Rollback patch for switch profile", "Rollback Patch is Empty",
     "Skip non dme command for CR validation"}
)  # fmt: skip
SUCCESS = "Patch validation completed successful"
_WRONG = re.compile(r"syntax error|\b(fail(ed|ure)?|abort(ed)?|error|invalid)\b", re.IGNORECASE)
_RULE, _QUOTED = re.compile(r"={8,}"), re.compile(r"`([^`]*)`")
_REMOVAL = re.compile(r"(no (?:description|channel-group|vpc|name)) .*")
"""A removal repeats the value that goes."""
_CONTEXT = re.compile(r"(interface (?:Ethernet[0-9/]+|port-channel[0-9]+)|vlan [0-9,\-]+)")


def patch(answer: str, live: Mapping[str, Port]) -> frozenset[Command]:
    """Read the patch of `verify-only`; `live` are the ports as they are.

    The lines of a list of VLANs become the whole list that they lead to. Raises `Misfit` where the switch says that the
    patch fails, where a line is not understood, or where a step takes a VLAN away that the last gives back.
    """
    quoted = list[str]()
    for row in answer.splitlines():
        text = row.strip()
        if match := _QUOTED.fullmatch(text):
            quoted.append(match[1].strip())
        elif _WRONG.search(text):
            raise Misfit("le Nexus signale une erreur dans les commandes qu’il appliquerait")
        elif text and text not in _PROGRESS and text != SUCCESS and not _RULE.fullmatch(text):
            raise Misfit("une ligne de la réponse ne se comprend pas")
    if SUCCESS not in (row.strip() for row in answer.splitlines()):
        raise Misfit("le Nexus ne dit pas que ses commandes sont validées")
    return _commands(quoted, live)


def compare(expected: frozenset[Command], read: frozenset[Command]) -> None:
    """Check that a patch holds the expected commands and no other.

    Raises `Misfit`, which repeats no unexpected text: it may be a secret.
    """
    lacking, more = expected - read, read - expected
    # The heading of a block that has commands is no command of its own.
    more -= {("", context) for context, _ in expected}
    if more:
        raise Misfit(f"le Nexus appliquerait {len(more)} commande(s) de plus que le plan")
    if lacking:
        said = " ; ".join(sorted(" / ".join(filter(None, command)) for command in lacking))
        raise Misfit(f"le Nexus n’appliquerait pas {said[:300]}")


def _commands(rows: list[str], live: Mapping[str, Port]) -> frozenset[Command]:
    made, context = set[Command](), ""
    allowed: dict[str, list[frozenset[int]]] = {}
    for text in rows:
        if text in ("config t", "exit", "end"):
            context = ""
        elif match := _CONTEXT.fullmatch(text):
            contexts = _contexts(match[1])
            made |= {("", name) for name in contexts}
            context = contexts[0] if len(contexts) == 1 else ""
        elif context.startswith("interface ") and text.startswith(ALLOWED):
            steps = allowed.setdefault(context, [])
            port = live.get(context.removeprefix("interface "))
            steps.append(_step(text.removeprefix(ALLOWED), steps[-1] if steps else port.allowed if port else None))
        else:
            made.add((context, _REMOVAL.sub(r"\1", text)))
    for context, steps in allowed.items():
        port = live.get(context.removeprefix("interface "))
        kept = steps[-1] & port.allowed if port else frozenset[int]()
        if any(not kept <= step for step in steps):
            raise Misfit(f"{context.removeprefix('interface ')} perdrait un VLAN, le temps d’une commande")
        made.add((context, ALLOWED + (spans(steps[-1]) or "none")))
    return frozenset(made)


def _contexts(text: str) -> list[str]:
    if not text.startswith("vlan "):
        return [text]
    return [f"vlan {number}" for number in numbers(text.removeprefix("vlan "))]


def _step(text: str, before: frozenset[int] | None) -> frozenset[int]:
    match text.split():
        case ["none"]:
            return frozenset()
        case ["add", listed] if before is not None:
            return before | frozenset(numbers(listed))
        case ["remove", listed] if before is not None:
            return before - frozenset(numbers(listed))
        case [listed]:
            return frozenset(numbers(listed))
    raise Misfit("une liste de VLAN ne se comprend pas")
