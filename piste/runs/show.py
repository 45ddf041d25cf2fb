"""A plan for people and for other programs: text by site, domain and object, JSON, JUnit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from piste.converge.plan import SYMBOLS

DOMAINS: Mapping[str, str] = {"meraki": "réseau"}
"""Domain of each system, in the town's words."""
COLOURS: Mapping[str, str] = {"+": "green", "~": "yellow", "-": "red", "?": "magenta", "!": "cyan"}


def counts(operations: Iterable[Mapping[str, Any]], troubles: Sequence[Mapping[str, Any]] = ()) -> dict[str, int]:
    result = {"+": 0, "~": 0, "-": 0, "?": sum(1 for trouble in troubles if trouble["kind"] == "unknown")}
    for described in operations:
        result[SYMBOLS[described["action"]]] += 1
    return result


def counted(plan: Mapping[str, Any]) -> str:
    """``+ 3 à créer, ~ 12 à modifier, - 0 à retirer, ? 0 sans réponse``."""
    number = counts(plan["operations"], plan["troubles"])
    words = {"+": "à créer", "~": "à modifier", "-": "à retirer", "?": "sans réponse"}
    return ", ".join(f"{symbol} {number[symbol]} {word}" for symbol, word in words.items())


def lines(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """``(symbol, text)`` a line: sites, then domains, then objects; troubles and what is withheld last."""
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
        result.append((symbol, f"    {symbol} {described['kind']} {described['label']}{fields}"))
    for trouble in plan["troubles"]:
        symbol = "?" if trouble["kind"] == "unknown" else "!"
        result.append((symbol, f"{symbol} {trouble['host']} / {trouble['task']} : {trouble['message']}"))
    result += [("!", f"! orphelin : {o['kind']} {o['key']}, {o['why']}") for o in plan["orphans"]]
    result += [("!", f"! {line}") for line in plan["withheld"]]
    return result


def junit(plan: Mapping[str, Any]) -> str:
    """JUnit XML: a test case an object; a change is a failure, a silence an error."""
    suites = ElementTree.Element("testsuites", name="piste plan")
    owners = dict.fromkeys(described["owner"] for described in plan["operations"])
    owners |= dict.fromkeys(trouble["host"] for trouble in plan["troubles"])
    for owner in owners:
        operations = [described for described in plan["operations"] if described["owner"] == owner]
        troubles = [trouble for trouble in plan["troubles"] if trouble["host"] == owner]
        suite = ElementTree.SubElement(
            suites,
            "testsuite",
            name=owner,
            tests=str(len(operations) + len(troubles)),
            failures=str(len(operations)),
            errors=str(len(troubles)),
        )
        for described in operations:
            case = ElementTree.SubElement(suite, "testcase", classname=described["kind"], name=described["label"])
            ElementTree.SubElement(case, "failure", message=f"{described['action']} : {', '.join(described['fields'])}")
        for trouble in troubles:
            case = ElementTree.SubElement(suite, "testcase", classname="task", name=trouble["task"])
            ElementTree.SubElement(case, "error", type=trouble["kind"], message=trouble["message"])
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)
