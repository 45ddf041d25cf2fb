"""A plan for people and for other programs: text by site, domain and object, JSON, JUnit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from piste.converge.plan import SYMBOLS
from piste.kinds import TITLES

DOMAINS: Mapping[str, str] = {
    "ad": TITLES["directory"],
    "meraki": TITLES["network"],
    "nps": TITLES["access"],
    "print": TITLES["printing"],
    "prism": TITLES["hosting"],
    "smc": TITLES["firewall"],
}
"""Domain of each system, in the town's words."""
_TO_CONFIRM = re.compile(r" : à confirmer \((\w+)")
COLOURS: Mapping[str, str] = {"+": "green", "~": "yellow", "-": "red", "?": "magenta", "!": "cyan"}


def counts(operations: Iterable[Mapping[str, Any]], troubles: Sequence[Mapping[str, Any]] = ()) -> dict[str, int]:
    result = {"+": 0, "~": 0, "-": 0, "?": sum(1 for trouble in troubles if trouble["kind"] == "unknown")}
    for described in operations:
        result[SYMBOLS[described["action"]]] += 1
    return result


def counted(plan: Mapping[str, Any]) -> str:
    """`+ 3 à créer, ~ 12 à modifier, - 0 à retirer, ? 0 sans réponse`."""
    number = counts(plan["operations"], plan["troubles"])
    words = {"+": "à créer", "~": "à modifier", "-": "à retirer", "?": "sans réponse"}
    return ", ".join(f"{symbol} {number[symbol]} {word}" for symbol, word in words.items())


def to_confirm(plan: Mapping[str, Any]) -> list[str]:
    """Words of confirmation that the plan still wants, without their objects."""
    return sorted({word for line in plan["withheld"] for word in _TO_CONFIRM.findall(line)})


def lines(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`(symbol, text)` a line: sites, then domains, then objects; troubles and what is withheld last."""
    result: list[tuple[str, str]] = []
    site = domain = ""
    for described in sorted(plan["operations"], key=lambda o: (o["owner"], o["system"])):
        if described["owner"] != site:
            site, domain = described["owner"], ""
            result.append(("", site))
        if DOMAINS.get(described["system"], described["system"]) != domain:
            domain = DOMAINS.get(described["system"], described["system"])
            result.append(("", f"  {domain}"))
        symbol = SYMBOLS[described["action"]]
        fields = f" : {', '.join(described['fields'])}" if described["action"] == "update" else ""
        result.append((symbol, safe(f"    {symbol} {described['kind']} {described['label']}{fields}")))
    for trouble in plan["troubles"]:
        symbol = "?" if trouble["kind"] == "unknown" else "!"
        message = safe(trouble["message"], "\n")
        result.append((symbol, f"{symbol} {place(trouble['host'], trouble['task'])} : {message}"))
    result += [("!", safe(f"! orphelin : {o['kind']} {o['key']}, {o['why']}")) for o in plan["orphans"]]
    result += [("!", safe(f"! {line}")) for line in plan["withheld"]]
    return result


def place(host: str, task: str) -> str:
    """Where something happened; Ansible's own errors are of no host."""
    return " / ".join(filter(None, (host, task)))


def safe(text: str, kept: str = "") -> str:
    """Text that can neither command a terminal, nor draw a line of its own, nor spoil an XML file."""
    return "".join(sign if sign in kept or sign.isprintable() else "�" for sign in text)


def junit(plan: Mapping[str, Any], hosts: Iterable[str] = ()) -> str:
    """JUnit XML: a suite a site, a test case an object; a change or an orphan is a failure, a silence an error.

    One of the `hosts` of which nothing is to be said has a case that passes: a report without any is a broken one.
    """
    suites = ElementTree.Element("testsuites", name="piste plan")
    found: dict[str, list[tuple[str, str, str, Mapping[str, str]]]] = {}
    for described in plan["operations"]:
        change = {"message": f"{described['action']} : {', '.join(described['fields'])}"}
        found.setdefault(described["owner"], []).append((described["kind"], described["label"], "failure", change))
    for trouble in plan["troubles"]:
        silence = {"type": str(trouble["kind"]), "message": str(trouble["message"])}
        found.setdefault(trouble["host"], []).append(("task", trouble["task"], "error", silence))
    for orphan in plan["orphans"]:
        found.setdefault("commune", []).append((orphan["kind"], orphan["key"], "failure", {"message": orphan["why"]}))
    for host in hosts:
        found.setdefault(host, [("site", "conforme", "", {})])
    for owner, cases in found.items():
        counted = {f"{tag}s": str(sum(1 for case in cases if case[2] == tag)) for tag in ("failure", "error")}
        suite = ElementTree.SubElement(suites, "testsuite", {"name": owner, "tests": str(len(cases)), **counted})
        for kind, name, tag, what in cases:
            case = ElementTree.SubElement(suite, "testcase", classname=kind, name=safe(name))
            if tag:
                ElementTree.SubElement(case, tag, {key: safe(value, "\n") for key, value in what.items()})
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)
