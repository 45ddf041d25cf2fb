"""Forms of a plan: text by site, domain and object; JSON; JUnit; Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import is_waiting, object_of
from piste.engine.converge.orphan import ORPHAN
from piste.engine.converge.plan import SYMBOLS
from piste.engine.kind import ACCOUNT
from piste.engine.words import agreed, safe
from piste.runs.changes import changes, labels, waiting
from piste.runs.plans.authors import by_object
from piste.runs.plans.gravity import SCALE, by_gravity, rank, words
from piste.systems.kinds import TITLES

DOMAINS: Mapping[str, str] = {
    "ad": TITLES["directory"],
    "dns": TITLES["names"],
    "dhcp": TITLES["addressing"],
    "meraki": TITLES["network"],
    "nps": TITLES["access"],
    "print": TITLES["printing"],
    "prism": TITLES["hosting"],
    "glpi": TITLES["inventory"],
    "smc": TITLES["firewall"],
    "zabbix": TITLES["supervision"],
}
"""The domain of each system, in the town's words."""
_WAITING: Mapping[str, tuple[str, str]] = {
    "smc": ("installation", "rien n’en agit avant l’installation de la politique (piste install)"),
}
"""By system whose changes wait for a step: the kind of that step, and the sentence."""
_TO_CONFIRM = re.compile(r" : à confirmer \((\w+)")
_GUARD = re.compile(r" : à confirmer \(([^()\s]+)\)")
DRIFT = "playbooks/drift.yml"
UNDO = "playbooks/undo.yml"
WAITING = "="
"""The symbol of what is kept waiting, in counts."""
COLOURS: Mapping[str, str] = {"+": "green", "~": "yellow", "-": "red", "?": "magenta", "!": "cyan", WAITING: "cyan"}


def counts(operations: Iterable[Mapping[str, Any]], troubles: Sequence[Mapping[str, Any]] = ()) -> dict[str, int]:
    silent = sum(1 for trouble in troubles if trouble["kind"] == "unknown")
    result = {"+": 0, "~": 0, "-": 0, WAITING: 0, "?": silent}
    for described in operations:
        result[WAITING if is_waiting(described) else SYMBOLS[described["action"]]] += 1
    return result


def counted(plan: Mapping[str, Any]) -> str:
    """Write the counts above zero, `+ 3 à créer, ~ 12 à modifier`; else `rien à changer`."""
    number = counts(plan["operations"], plan["troubles"])
    number["!"] = len(plan["troubles"]) - number["?"]
    words = {"+": "à créer", "~": "à modifier", "-": "à retirer", WAITING: "retenu(s)"}
    words |= {"?": "sans réponse", "!": "en erreur"}
    shown = [f"{symbol} {agreed(number[symbol], word)}" for symbol, word in words.items() if number[symbol]]
    return ", ".join(shown) or "rien à changer"


def to_confirm(plan: Mapping[str, Any]) -> list[str]:
    """List the words of confirmation that the plan still wants, without their objects."""
    return sorted({word for line in plan["withheld"] for word in _TO_CONFIRM.findall(line)})


def words_of(path: Path) -> list[str]:
    """List the words of confirmation in the file of a plan, alone, then with their objects."""
    try:
        withheld = json.loads(path.read_text("utf-8"))["withheld"]
        words = [match[1] for line in withheld for match in _GUARD.finditer(line)]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # completion says nothing of a file that it cannot read
    return [part for word in words for part in dict.fromkeys((word.partition(":")[0], word))]


def is_drift(plan: Mapping[str, Any]) -> bool:
    """Tell whether a plan is that of a drift: what is shown of it is what has changed already."""
    return bool(plan["playbook"] == DRIFT)


def lines(plan: Mapping[str, Any], *, brief: bool = False) -> list[tuple[str, str]]:
    """List the lines, `(symbol, text)`: sites, domains, objects, changes; troubles last.

    A `brief` plan names the fields of an object in its line, without their values.
    """
    result: list[tuple[str, str]] = []
    authors = by_object(plan)
    site = domain = ""
    for described in _in_order(plan):
        if described["owner"] != site:
            site, domain = described["owner"], ""
            result.append(("", site))
        if DOMAINS.get(described["system"], described["system"]) != domain:
            domain = DOMAINS.get(described["system"], described["system"])
            result.append(("", f"  {domain}"))
        symbol = SYMBOLS[described["action"]]
        fields = f" : {', '.join(labels(described))}" if brief and described["action"] == "update" else ""
        line = f"    {symbol} {described['kind']} {described['label']}{waiting(described)}{words(described)}{fields}"
        line += f" · {author}" if (author := authors.get(object_of(described))) else ""
        result.append((WAITING if is_waiting(described) else symbol, safe(line)))
        result += [("", safe(f"        {change}")) for change in changes(described) if not brief]
    for trouble in plan["troubles"]:
        symbol = "?" if trouble["kind"] == "unknown" else "!"
        message = safe(trouble["message"], "\n")
        result.append((symbol, f"{symbol} {place(trouble['host'], trouble['task'])} : {message}"))
    orphans = by_gravity(plan["orphans"])
    result += [("!", safe(f"! {o.get('said', ORPHAN)} : {o['kind']} {o['key']}, {o['why']}")) for o in orphans]
    result += [("!", safe(f"! {line}")) for line in plan["withheld"]]
    return result + [("", line) for line in inert(plan)]


def _in_order(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Sort operations by owner and domain; those of a drift, the gravest first."""
    operations = plan["operations"]
    if not is_drift(plan):
        return sorted(operations, key=lambda o: (o["owner"], o["system"]))
    worst: dict[tuple[str, ...], int] = {}
    for described in operations:
        for place in ((described["owner"],), (described["owner"], described["system"])):
            worst[place] = min(worst.get(place, len(SCALE)), rank(described))

    def place_of(described: Mapping[str, Any]) -> tuple[Any, ...]:
        owner, system = described["owner"], described["system"]
        return worst[owner,], owner, worst[owner, system], system, rank(described)

    return sorted(operations, key=place_of)


def acts_later(described: Mapping[str, Any]) -> bool:
    """Tell whether an operation does not act before a step of its own."""
    step, _ = _WAITING.get(described["system"], (described["kind"], ""))
    return described["kind"] not in (step, ACCOUNT)


def inert(plan: Mapping[str, Any]) -> list[str]:
    """Say which changes of a plan do not act before a step of its own."""
    systems = dict.fromkeys(described["system"] for described in plan["operations"] if acts_later(described))
    return [f"{DOMAINS[system]} : {_WAITING[system][1]}" for system in systems]


def place(host: str, task: str) -> str:
    """Name the place of a trouble; Ansible's own errors have no host."""
    return safe(" / ".join(filter(None, (host, task))))


def markdown(plan: Mapping[str, Any]) -> str:
    """Write a plan as a comment of a merge request: counts, then a folded list by site."""
    by_owner: dict[str, list[str]] = {}
    authors = by_object(plan)
    for described in plan["operations"]:
        author = authors.get(object_of(described))
        entries = by_owner.setdefault(described["owner"], [])
        domain = DOMAINS.get(described["system"], described["system"])
        entries.append(
            f"- `{SYMBOLS[described['action']]}` {domain}, {code(described['kind'])} {code(described['label'])}"
            + escape(words(described), quote=False)
            + (f" : **retenu**, {code(described['waiting'])}" if is_waiting(described) else "")
            + (f", {code(author)}" if author else "")
        )
        entries += [f"  - {code(change)}" for change in changes(described)]
    parts = [f"## Plan {code(plan['id'])} : {counted(plan)}"]
    for trouble in plan["troubles"]:
        parts.append(
            f"- **{trouble['kind']}** {code(place(trouble['host'], trouble['task']))} : {code(trouble['message'])}"
        )
    parts += [
        f"- **{escape(o.get('said', ORPHAN), quote=False)}** {code(o['kind'])} {code(o['key'])} : {code(o['why'])}"
        for o in by_gravity(plan["orphans"])
    ]
    parts += [f"- **retenu** {code(line)}" for line in plan["withheld"]]
    parts += [f"- {line}" for line in inert(plan)]
    for owner, entries in by_owner.items():
        head = f"<details><summary>{escape(owner, quote=False)} ({len([e for e in entries if e[0] == '-'])})</summary>"
        parts.append("\n".join(["", head, "", *entries, "", "</details>"]))
    return "\n".join(parts)


def code(text: str) -> str:
    """Write a text as code of Markdown, whatever its backticks: it commands nothing there."""
    clean = safe(" ".join(str(text).split())) or " "  # two backticks alone would open a code that goes on
    fence = "`" * (max((len(run) for run in re.findall("`+", clean)), default=0) + 1)
    pad = " " if "`" in clean else ""
    return f"{fence}{pad}{clean}{pad}{fence}"


def junit(plan: Mapping[str, Any], hosts: Iterable[str] = ()) -> str:
    """Write JUnit XML: a suite for each site, a test case for each object.

    A change or an orphan is a failure, a silence an error. A host with nothing to report has a case that passes: a
    report without cases looks broken.
    """
    # Imported here: with its writer of entities it imports HTTP, and most plans are text.
    from xml.etree import ElementTree

    suites = ElementTree.Element("testsuites", name="piste plan")
    by_host: dict[str, list[tuple[str, str, str, Mapping[str, str]]]] = {}
    for described in plan["operations"]:
        change = {
            "message": "\n".join([f"{described['action']} : {', '.join(described['fields'])}", *changes(described)])
        }
        by_host.setdefault(described["owner"], []).append((described["kind"], described["label"], "failure", change))
    for trouble in plan["troubles"]:
        silence = {"type": str(trouble["kind"]), "message": str(trouble["message"])}
        by_host.setdefault(trouble["host"], []).append(("task", trouble["task"], "error", silence))
    for orphan in plan["orphans"]:
        by_host.setdefault("commune", []).append((orphan["kind"], orphan["key"], "failure", {"message": orphan["why"]}))
    for host in hosts:
        by_host.setdefault(host, [("site", "conforme", "", {})])
    for owner, cases in by_host.items():
        counted = {f"{tag}s": str(sum(1 for case in cases if case[2] == tag)) for tag in ("failure", "error")}
        suite = ElementTree.SubElement(suites, "testsuite", {"name": safe(owner), "tests": str(len(cases)), **counted})
        for kind, name, tag, what in cases:
            case = ElementTree.SubElement(suite, "testcase", classname=safe(kind), name=safe(name))
            if tag:
                ElementTree.SubElement(case, tag, {key: safe(value, "\n") for key, value in what.items()})
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)
