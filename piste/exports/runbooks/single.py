"""The plans of a single thing: a site that is lost, an application that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from piste.engine.words import some
from piste.exports.runbooks.calls import answering, calls
from piste.exports.runbooks.order import applications
from piste.exports.runbooks.recovery import words_of, written_step
from piste.exports.runbooks.sources import MISSING, Sources, rto
from piste.exports.runbooks.step import Places, Runbook, RunbookStep
from piste.town.model.assets.classes import CLASSES
from piste.town.model.wording import choose

if TYPE_CHECKING:
    from piste.town.model.applications import Application
    from piste.town.model.protection.derived import ProtectedSet
    from piste.town.model.site import Site


def of_site(sources: Sources, name: str) -> Runbook:
    """Make the plan of recovery of a site that is lost while the town lives. Raises `Missing`."""
    site = choose(name, sources.town.sites, "n’est pas un site de la Ville")
    hosting = sources.commune["hosting"]
    carries = bool(hosting and hosting["site"] == name)
    purpose = f"Le site « {site['name']} » est perdu (feu, eau, vol) et la Ville vit : voici comment il revient."
    town = ["La grappe de la Ville est ici : si elle est perdue aussi, c’est le PRA de la Ville (piste runbook pra)."]
    here = {"site": name, **_of_site(site), **_words(sources)}
    return Runbook(
        plan="pra", environment=sources.environment,
        purpose=[purpose, *(town if carries else ()), "Nulle durée n’est promise pour un site : noter l’heure."],
        calls=calls(sources, parties=answering(sources.town, links=True), sites=[name]),
        steps=[{**made, "proofs": sources.proofs(made["key"])} for made in _filled("site", here)],
    )  # fmt: skip


def of_application(sources: Sources, name: str) -> Runbook:
    """Make the plan of continuity of an application: its links, how to work without it.

    Raises `Missing`.
    """
    every = {entry["id"]: entry for entry in sources.commune["applications"] if entry["state"] != "decommissioned"}
    application = choose(name, every, "n’est pas une application en service")
    own = answering(sources.town, applications=[name]) | ({application["publisher"]} - {None})
    needs = next(([*made.needed, *made.after] for made in applications(sources) if made.application["id"] == name), [])
    here = {**_words(sources), **_of_application(sources, application, needs)}
    sets = sources.machines(application["machines"])
    steps = [
        made | _back(sources, name, sets) if made["key"] == "machines" else made
        for made in _filled(application["hosting"], here)
        if made["key"] != "needs" or needs
    ]
    return Runbook(
        plan="pca", environment=sources.environment,
        purpose=[f"« {application['label']} » ne marche plus : qui attend, où regarder, comment s’en passer."],
        calls=calls(sources, parties={party for party in own if party}, sites=[]),
        steps=[_within(made, {each["key"] for each in steps}) for made in steps],
    )  # fmt: skip


def _back(sources: Sources, name: str, sets: list[ProtectedSet]) -> Any:
    """Give what brings the machines of an application back, with its proofs."""
    proofs = sources.proofs(f"application-{name}", *(["machine"] if sets else ()), sets=[each["name"] for each in sets])
    return {"rto_hours": rto(sets), "items": sources.items(sets), "proofs": proofs}


def _within(made: RunbookStep, keys: set[str]) -> RunbookStep:
    return {**made, "needs": [need for need in made["needs"] if need in keys]}


def _words(sources: Sources) -> dict[str, str]:
    return {**words_of(sources.environment, Places()), "environment": sources.environment}


def _filled(of: str, here: Mapping[str, str]) -> Iterator[RunbookStep]:
    whole: Mapping[str, Any] = yaml.safe_load((Path(__file__).with_name("templates") / "single.yml").read_text("utf-8"))
    for entry in whole[of]:
        yield written_step(entry, here)


def _of_site(site: Site) -> dict[str, str]:
    """Give the words of a site: what it had, what leads to it."""
    had = Counter(asset["kind"] for asset in site["assets"] if asset["state"] == "in_service")
    counts = [f"{count} {CLASSES[kind].plural if count > 1 else CLASSES[kind].label}" for kind, count in had.items()]
    devices = [f"{device['name']} ({device['model']})" for device in site["devices"]]
    links = [f"{link['name']} ({link['operator'] or MISSING})" for link in site["premises"]["links"]]
    racks = [f"{rack['name']} ({rack['room'] or MISSING})" for rack in site["premises"]["racks"]]
    return {
        "had": some(counts, 20) or MISSING,
        "devices": some(devices, 60) or MISSING,
        "links": some(links, 20) or MISSING,
        "racks": some(racks, 20) or MISSING,
    }


def _of_application(sources: Sources, application: Application, needs: list[str]) -> dict[str, str]:
    """Give the words of an application: who waits for it, what carries it, what it needs."""
    opened = [f"{path['why']} ({', '.join(path['services'])})" for path in application["paths"]]
    lost = max((host["rpo_hours"] or 0 for host in application["hosts"]), default=0)
    return {
        "application": application["id"],
        "waiting": some(application["services"], 12),
        "place": application["url"] or MISSING,
        "carried": some(application["machines"], 12) or MISSING,
        "flows": some(opened, 6) or MISSING,
        "needed": some(needs, 12),
        "publisher": sources.party(application["publisher"]),
        "lost": f"{lost} h" if lost else MISSING,
        "without": application["without_it"] or f"{MISSING} par le service (without_it, applications.yml)",
    }
