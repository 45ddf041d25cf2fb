"""The plan of recovery (PRA): from a bag and backups, in the order of dependencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from piste.engine.words import agreed, some
from piste.exports.runbooks.calls import calls
from piste.exports.runbooks.order import applications
from piste.exports.runbooks.sources import Sources, rto
from piste.exports.runbooks.step import (
    ANSIBLE,
    BOARD,
    HOLDER,
    PYTHON,
    TOWN,
    Places,
    Proof,
    Runbook,
    RunbookStep,
    command,
    step,
)
from piste.town.model.wording import choose

if TYPE_CHECKING:
    from piste.town.model.protection.derived import ProtectedSet

LAB = "lab"
SKIPPED = "-x gpo_backups -x dhcp -x zabbix -x nexus -x clusters.yml -x computers.yml -x engines.yml"
"""Parts of an export that say what lives, or that no replay writes."""
AGAIN = "Relancer la commande : un rejeu interrompu se finit en le relançant."
NOTHING = "Ne rien effacer de ce qui reste des systèmes d’avant : c’est une preuve, et peut-être une source."


def recovery(sources: Sources, places: Places = Places()) -> Runbook:  # noqa: B008 - a tuple of texts
    """Make the plan of recovery of a town."""
    return Runbook(
        plan="pra",
        environment=sources.environment,
        purpose=[
            "La Ville a perdu ses systèmes : voici dans quel ordre ils reviennent, d’un sac signé et des sauvegardes, "
            "sans le dépôt ni le poste d’avant.",
            "Une étape commence quand celles dont elle dépend ont donné le résultat attendu. Noter l’heure de chacune.",
        ],
        calls=calls(sources),
        steps=steps(sources, places),
    )


def steps(sources: Sources, places: Places = Places()) -> list[RunbookStep]:  # noqa: B008 - as above
    """List the steps of the plan in their order; the town's derivation is enough."""
    return [*beginning(sources.environment, places, partial(_first, sources)), *_town(sources, places)]


def of_application(sources: Sources, name: str, places: Places = Places()) -> Runbook:  # noqa: B008 - as above
    """Make the plan of recovery of an application: its step, those before it. Raises `Missing`."""
    whole = recovery(sources, places)
    begins = "application-"
    known = {made["key"].removeprefix(begins): made for made in whole["steps"] if made["key"].startswith(begins)}
    last = choose(name, known, "n’est pas une application que le plan ramène", f"Il ramène : {some([*known])}.")
    wanted = {last["key"]}
    for made in reversed(whole["steps"]):
        wanted |= {*made["needs"]} if made["key"] in wanted else set()
    kept = [made for made in whole["steps"] if made["key"] in wanted]
    alone = f"Ce plan est celui de « {last['title']} » : {agreed(len(kept), 'étape(s)')}, sur {len(whole['steps'])}."
    return {**whole, "purpose": [alone, *whole["purpose"]], "steps": kept}


def beginning(
    environment: str, places: Places, proofs: Callable[[str], Iterable[Proof]] = lambda _: ()
) -> Iterator[RunbookStep]:
    """Yield the steps before any declaration, the same for every town but for their proofs."""
    for entry in _written()["beginning"]:
        made = written_step(entry, words_of(environment, places))
        yield {**made, "proofs": [*proofs(made["key"])]}


def _first(sources: Sources, key: str) -> list[Proof]:
    """List the restore tests of a step that the bag alone makes."""
    return sources.proofs(key, *(["repository"] if key == "workstation" else ()))


def _town(sources: Sources, places: Places) -> Iterator[RunbookStep]:
    """Yield the steps of the town itself."""
    switches = [switch["name"] for switch in sources.commune["nexus"]["switches"]]
    text = f" Les Nexus ({', '.join(switches)}) : leur texte est dans {places.bag}/data/nexus." if switches else ""
    words = {**words_of(sources.environment, places), "nexus": text}
    controllers = sources.machines(sources.commune["dns"]["servers"])
    access = sources.commune["access"]
    families = {entry["family"] for entry in controllers}
    identity = {entry["name"] for entry in sources.sets("machine") if entry["family"] in families}
    radius = sources.machines({*(access["servers"] if access else ()), *identity} - {d["name"] for d in controllers})
    shares = sources.sets("share")
    servers = sources.machines({entry["server"] or "" for entry in shares})
    sets = {
        "configurations": sources.sets("configurations"),
        "directory": [*sources.sets("directory"), *controllers],
        "controllers": controllers,
        "access": radius,
        "files": [*servers, *shares],
    }
    back = (("directory", controllers), ("access", radius), ("files", servers))
    for entry in _written()["town"]:
        brought, proven = sets.get(entry.get("sets", ""), []), entry.get("proven", {})
        yield {
            **written_step(entry, words),
            "rto_hours": rto(brought),
            "items": sources.items(brought) if entry.get("items") else [],
            "proofs": sources.proofs(entry["key"], *proven.get("methods", ()), named=proven.get("named", ())),
        }
        if entry["key"] == "files":
            yield from _applications(sources, {each["name"]: key for key, machines in back for each in machines})


@cache
def _written() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Read the steps as they are written, before the words of an environment and of a town."""
    return dict(yaml.safe_load((Path(__file__).with_name("templates") / "recovery.yml").read_text("utf-8")))


def words_of(environment: str, places: Places) -> dict[str, str]:
    """Give the words that the written steps name in braces."""
    lab = "Au laboratoire, les secrets sont ceux du laboratoire : rien à faire."
    real = "Deux détenteurs sur trois réunissent leurs parts : docs/reversibilite.md, « Ouvrir le coffre »."
    return {
        "bag": places.bag,
        "work": places.work,
        "reread": places.again,
        "key": places.key,
        "python": PYTHON,
        "ansible": ANSIBLE,
        "inventories": f"-i inventories/town -i inventories/{environment}",
        "skipped": SKIPPED,
        "holder": HOLDER,
        "town": TOWN,
        "board": BOARD,
        "again": AGAIN,
        "nothing": NOTHING,
        "vault": lab if environment == LAB else real,
    }


def written_step(entry: Mapping[str, Any], words: Mapping[str, str]) -> RunbookStep:
    """Make a written step: its words are filled once, in each text."""

    def said(texts: Iterable[str]) -> list[str]:
        return [text.format_map(words) for text in texts]

    replayed = (
        f"{{ansible}} playbooks/replay_{domain}.yml {{inventories}} -e folder={{bag}}/data/systems"
        for domain in entry.get("replay", ())
    )
    return step(
        entry["key"],
        entry["title"],
        said(entry["what"]),
        entry["who"].format_map(words),
        entry["expected"],
        needs=entry.get("needs"),
        commands=[command(line, entry.get("codes")) for line in said([*entry.get("commands", ()), *replayed])],
        on_failure=said(entry["on_failure"]),
    )


def _applications(sources: Sources, done: dict[str, str]) -> Iterator[RunbookStep]:
    """Yield a step an application, with the machines that no step before it has brought back.

    `done` gives the step of each machine that is back. An application comes after those that it needs, and after the
    steps of the machines that it shares with others.
    """
    before = "files"
    steps: dict[str, str] = {}
    for application, machines, needed, after in applications(sources):
        whole = sources.machines(machines)
        fresh = sources.machines({*needed, *machines} - {*done})
        known = sorted({*needed, *machines} & {*done})
        needs = [before, *(steps[name] for name in after if name in steps), *(done[name] for name in known)]
        already = [f"Déjà revenues : {', '.join(known)}."] if known else []
        key = steps[application["id"]] = f"application-{application['id']}"
        done |= dict.fromkeys((entry["name"] for entry in fresh), key)
        bases = [entry for entry in sources.sets("database") if entry["server"] in machines]
        yield step(
            key, f"Application : {application['label']}",
            [f"Pour {', '.join(application['services'])}. Restaurer ses machines, puis ses données, de la sauvegarde.",
             *already, *([f"Retour en arrière : {application['way_back']}"] if application["way_back"] else [])],
            HOLDER, f"{application['url'] or 'L’application'} s’ouvre, un utilisateur du service le dit.",
            needs=[*dict.fromkeys(needs)], rto_hours=rto(whole), items=sources.items([*fresh, *bases]),
            unprotected=sorted({*machines} - {entry["name"] for entry in whole}),
            proofs=sources.proofs(key, *(["machine"] if whole else ()), sets=[entry["name"] for entry in whole]),
            on_failure=[f"Appeler l’éditeur ({sources.party(application['publisher'])}), au contrat."],
        )  # fmt: skip
    others: list[ProtectedSet] = [entry for entry in sources.sets("machine") if entry["name"] not in done]
    if others:
        yield step(
            "machines", "Les autres machines", ["Les restaurer dans l’ordre du tableau, le RTO le plus court d’abord."],
            HOLDER, "Chaque machine en service répond.", needs=[before], rto_hours=rto(others),
            proofs=sources.proofs("machines", "machine", sets=[entry["name"] for entry in others]),
            items=sources.items(others), on_failure=["Une machine hors production attend : elle se refait."],
        )  # fmt: skip
    if cloud := sources.sets("microsoft365"):
        yield step(
            "cloud", "Ce qui n’est pas à la Ville",
            ["Les services en ligne vivent : rétablir l’accès, puis ce qui manque."],
            HOLDER, "La messagerie s’ouvre d’un poste de la Ville.", needs=["names"], rto_hours=rto(cloud),
            proofs=sources.proofs("cloud"),
            items=sources.items(cloud), on_failure=["Ouvrir un incident chez l’éditeur."],
        )  # fmt: skip
