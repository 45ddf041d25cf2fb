"""The adoption of what exists: a report, and a file of as found values for each site."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.clock import in_town
from piste.engine.converge.as_found import count, taken
from piste.engine.converge.errors import Misused
from piste.engine.converge.private import write_private
from piste.papers.dossier.notation import LIFECYCLE
from piste.runs.changes import changes
from piste.runs.plans.play import Played, Trouble
from piste.sites.matching import Matched
from piste.town.declared import SERVING, TOWN, derived, folder, in_service, serving
from piste.town.model.derived import Derived
from piste.town.town import load_town, refuse_faults, tables

if TYPE_CHECKING:
    from piste.town.model import Commune, Site

HEADER = """\
# Écrit par « piste adopt » le {moment} ({environment}) : ce que {site} garde tel qu’on l’a trouvé.
# Chaque valeur est une dette envers la règle ; la retirer la rend, et piste plan montre ce qui change : docs/adopter.md
"""
DIFFERS, MISSING, UNDECLARED, ALIKE = "differs", "missing", "undeclared", "alike"
SIGNS: Mapping[str, str] = {DIFFERS: "~", MISSING: "-", UNDECLARED: "+", ALIKE: "!"}


def network_names(*towns: Derived) -> dict[str, str]:
    """Map the known networks, under any of their names, to their sites."""
    return {site["network_name"]: name for town in towns for name, site in serving(town).items()}


def renamed(sites: Sequence[str], rule: Derived, matched: Matched) -> dict[str, str]:
    """Map the sites whose network has another name than the rule's to that name."""
    networks = {name: network for name in sites if (network := matched.networks.get(name))}
    return {name: network for name, network in networks.items() if network != rule.sites[name]["network_name"]}


def debts(owners: Mapping[str, Site | Commune]) -> dict[str, int]:
    """Count the as found values of the town and of each site, those with none left out."""
    counted = {name: count(owner["as_found"]) for name, owner in owners.items()}
    return {name: number for name, number in counted.items() if number}


def debts_of(environment: str, limit: str) -> int:
    """Count the as found values of the sites that a run is limited to."""
    kept = derived(environment)
    return sum(debts({name: kept.owners[name] for name in in_service(kept, limit)}).values())


def report(environment: str, owners: Mapping[str, str], matched: Matched, played: Played) -> dict[str, Any]:
    """Report what exists and where it departs from the rule, as plain data.

    `owners` are those designated, with their lifecycle. Those not compared are named with the reason: *unread*, or
    their lifecycle.
    """
    sites = [name for name, lifecycle in owners.items() if lifecycle in SERVING]
    silent = {trouble.host for trouble in played.troubles}
    return {
        "environment": environment,
        "sites": {
            name: {"network": matched.networks.get(name), **_site(name, played)} for name in sites if name not in silent
        },
        "uncompared": {
            name: "unread" if lifecycle in SERVING else lifecycle
            for name, lifecycle in owners.items()
            if name in silent or lifecycle not in SERVING
        },
        "strangers": [{"kind": "network", "key": network} for network in matched.strangers],
        "questions": [
            {"network": q.network, "devices": q.devices, "proposed": q.proposed, "why": q.why, "choices": q.choices}
            for q in matched.questions
        ],
        "troubles": [
            {"host": t.host, "task": t.task, "kind": t.kind, "message": t.message} for t in _first(played.troubles)
        ],
        "refused": list(dict.fromkeys(played.refused)),
        "calls": played.calls,
    }


def _first(troubles: Sequence[Trouble]) -> Iterator[Trouble]:
    seen: set[str] = set()
    for trouble in troubles:
        if trouble.host not in seen:
            seen.add(trouble.host)
            yield trouble


def _site(name: str, played: Played) -> dict[str, Any]:
    surveys = [survey for survey in played.surveys if survey["owner"] == name]
    gone = any(o["kind"] == "network" and o["action"] == "create" and o["owner"] == name for o in played.operations)
    return {
        "there": {} if gone else {survey["kind"]: survey["there"] for survey in surveys if survey["there"]},
        "deviations": list(_deviations(name, played.operations, surveys, gone)),
    }


def _deviations(
    name: str, operations: Sequence[Mapping[str, Any]], surveys: Sequence[Mapping[str, Any]], gone: bool
) -> Iterator[dict[str, Any]]:
    for described in operations:
        if described["owner"] != name or described["action"] in ("delete", "reset"):
            continue
        if gone and described["kind"] != "network":
            continue  # the contents of an absent network
        missing = described["action"] == "create" or "slot" in described
        yield {
            **{part: described[part] for part in ("system", "kind", "key", "label")},
            "what": MISSING if missing else DIFFERS,
            "fields": [] if missing else described["fields"],
            "changes": [] if missing else changes(described),
        }
    for survey in surveys:
        same = {"system": survey["system"], "kind": survey["kind"]}
        for item in survey["undeclared"]:
            yield {**same, "key": item["key"], "label": item["label"], "what": UNDECLARED, "fields": []}
        for key in survey["alike"]:
            yield {**same, "key": key, "label": key, "what": ALIKE, "fields": []}


def adopted(
    sites: Sequence[str], rule: Derived, kept: Derived, matched: Matched, played: Played
) -> dict[str, dict[str, Any]]:
    """Give the content of each site's file, empty for a site that follows the rule.

    Sites in trouble are left out. For a system that this run did not read, the `kept` values stay.
    """
    silent = {trouble.host for trouble in played.troubles}
    names = renamed(sites, rule, matched)
    result: dict[str, dict[str, Any]] = {}
    for name in sites:
        if name in silent:
            continue
        seen = {
            described["system"] for described in (*played.surveys, *played.operations) if described["owner"] == name
        }
        before = {system: kinds for system, kinds in kept.owners[name]["as_found"].items() if system not in seen}
        as_found = dict(sorted({**before, **taken(tables(), played.operations, played.surveys, name)}.items()))
        named = {"network_name": names[name]} if name in names else {}
        result[name] = {**named, **({"as_found": as_found} if as_found else {})}
    return result


def released(sites: Sequence[str], environment: str, what: str) -> dict[str, dict[str, Any]]:
    """Give each site's file without what it keeps of a system or kind (`system/kind`)."""
    system, _, kind = what.partition("/")
    result = {}
    for name in sites:
        content = _read_back(folder(environment), name)
        kept = dict(content.pop("as_found", {}))
        kinds = {other: items for other, items in kept.pop(system, {}).items() if kind not in ("", other)}
        as_found = dict(sorted({**kept, **({system: kinds} if kinds else {})}.items()))
        result[name] = {**content, **({"as_found": as_found} if as_found else {})}
    return result


def write(contents: Mapping[str, Mapping[str, Any]], environment: str, moment: datetime) -> dict[str, str]:
    """Write the files whose content has changed, and remove those without content.

    The result is *written*, *same* or *removed*, by site. A file of the same content is left as it is, to the byte.
    Everything is read again, as the declaration will be, before the first file changes.
    """
    from piste.engine.converge.text import as_declaration

    home = folder(environment)
    kept = {name: _read_back(home, name) for name in contents}
    news = {name: content for name, content in contents.items() if content != kept[name]}
    with tempfile.TemporaryDirectory(prefix="piste-adopt-") as draft:
        for name, content in news.items():
            if content:
                head = HEADER.format(moment=in_town(moment), environment=environment, site=name)
                (Path(draft) / f"{name}.yml").write_text(f"---\n{head}{as_declaration(content)}", "utf-8")
        again = refuse_faults(load_town(TOWN, Path(draft))).owners
        for name, content in news.items():
            if again[name]["as_found"] != content.get("as_found", {}):
                raise Misused("ce qui a été relevé ne se relit pas tel quel, rien n’est gardé", where=name)
        for name, content in news.items():
            home.mkdir(parents=True, exist_ok=True)
            path = home / f"{name}.yml"
            if content:
                write_private(path, (Path(draft) / path.name).read_bytes(), mode=0o644)
            else:
                path.unlink()
    return {name: "same" if name not in news else "written" if news[name] else "removed" for name in contents}


def _read_back(home: Path, name: str) -> dict[str, Any]:
    from piste.town.model.faults import Faults
    from piste.town.model.source import read

    path = home / f"{name}.yml"
    return dict(read(path, path.name, Faults()).data) if path.exists() else {}


def remarks(report: Mapping[str, Any]) -> list[str]:
    """List the remarks beside the table: objects left out, and why."""
    nobodys = [f"{o['kind']} {o['key']} : aucun site ne le déclare, piste drift le dira" for o in report["strangers"]]
    alike = [
        f"{name} : plusieurs {d['kind']} portent ce nom, aucune déclaration ne les distingue : {d['label']}"
        for name, site in report["sites"].items()
        for d in site["deviations"]
        if d["what"] == ALIKE
    ]
    questions = [
        f"à qui est « {q['network']} » ? {q['why']}" + (f", proposé : {q['proposed']}" if q["proposed"] else "")
        for q in report["questions"]
    ]
    troubles = [f"{t['host']} / {t['task']} : {t['message']}" for t in report["troubles"]]
    return [*nobodys, *alike, *questions, *troubles, *report["refused"]]


_UNCOMPARED = {**LIFECYCLE, "unread": "inconnu"}
_NOBODY = (
    "Aucun site n’a tout répondu : rien n’est comparé. Corrigez ce que disent les lignes « ! », ou prenez un système à "
    "la fois (--system)."
)


def table(report: Mapping[str, Any]) -> list[str]:
    """Write a line for each site: its network, its objects, and how many depart from the rule.

    A site that is not compared has the reason in the place of its network.
    """
    if not report["sites"] and "unread" in report["uncompared"].values():
        return [_NOBODY]
    rows = [("site", "réseau", "là", "différents", "absents", "non déclarés")]
    for name, site in report["sites"].items():
        counted = {what: sum(1 for d in site["deviations"] if d["what"] == what) for what in SIGNS}
        numbers = (sum(site["there"].values()), counted[DIFFERS], counted[MISSING], counted[UNDECLARED])
        rows.append((name, site["network"] or "(aucun)", *map(str, numbers)))
    rows += [(name, f"({_UNCOMPARED[why]})", "-", "-", "-", "-") for name, why in report["uncompared"].items()]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return [
        "  ".join(
            text.ljust(width) if column < 2 else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def lines(site: Mapping[str, Any]) -> list[str]:
    """Write the deviations of a site: `~` differs, `-` is missing, `+` is an orphan."""
    return [
        line
        for deviation in site["deviations"]
        for line in (
            f"  {SIGNS[deviation['what']]} {deviation['kind']} {deviation['label']}",
            *(f"      {change}" for change in deviation.get("changes", ())),
        )
    ]
