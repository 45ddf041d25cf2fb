"""The plan of continuity (PCA): something fails, the rest lives; who takes over, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.engine.words import agreed
from piste.exports.runbooks.calls import calls
from piste.exports.runbooks.sources import Sources, rto
from piste.exports.runbooks.step import DIAGNOSIS, HOLDER, PYTHON, TOWN, Runbook, RunbookStep, command, step
from piste.town.model.premises import Ups
from piste.town.model.site import Site
from piste.town.model.wording import choose


def continuity(sources: Sources, name: str | None = None) -> Runbook:
    """Make the plan of continuity of a town: a step a failure that its model foresees.

    With the `name` of a site: its supplies, links and contacts alone, and all that it shares. Raises `Missing`.
    """
    every = sources.town.sites
    sites = {name: choose(name, every, "n’est pas un site de la Ville")} if name else every
    return Runbook(
        plan="pca",
        environment=sources.environment,
        purpose=[
            *(
                f"Ce plan est celui du site « {site['name']} » : son courant, ses liaisons, puis ce qu’il partage."
                for site in sites.values()
                if name
            ),
            "Un élément manque et la Ville continue : voici qui prend le relais, ce qui est dégradé, et quoi faire.",
            "Commencer par « Constater » ; si plus rien ne répond, c’est le PRA.",
        ],
        calls=calls(sources, sites=[*sites]),
        steps=[*_steps(sources, sites)],
    )


def _steps(sources: Sources, sites: Mapping[str, Site]) -> Iterator[RunbookStep]:
    commune, town = sources.commune, sources.town
    option = f" --environment {sources.environment}"

    def piste(words: str) -> str:
        return f"{PYTHON} -m piste.cli {words}{option}"

    yield step(
        "look", "Constater",
        ["Ce poste et ses systèmes répondent-ils ? Qu’est-ce qui a bougé depuis hier, et par qui ?"],
        HOLDER, "L’élément en cause est nommé ; les autres répondent.",
        commands=[
            command(piste("status"), DIAGNOSIS),
            command(piste("doctor"), [*DIAGNOSIS, 4]),
            command(piste("configurations changes")),
            command(f"{PYTHON} -m piste.cli journal list"),
        ],
        on_failure=["Plus rien ne répond d’ici : aller au PRA, étape « Décider »."],
    )  # fmt: skip
    supplies = [
        (site["name"], ups["name"], _runtime(ups)) for site in sites.values() for ups in site["premises"]["ups"]
    ]
    if supplies:
        yield step(
            "power", "Le courant est coupé",
            ["Les onduleurs tiennent le temps de leur batterie : " + ", ".join(
                f"{name} ({place}, {runtime})" for place, name, runtime in supplies
            ) + "."],
            HOLDER, "Les machines hors production sont arrêtées d’abord, l’annuaire en dernier.",
            needs=["look"], on_failure=["Autonomie presque finie : arrêter dans l’ordre inverse du PRA."],
        )  # fmt: skip
    links = [link for site in sites.values() for link in site["premises"]["links"]]
    operators = sorted({link["operator"] or "à renseigner" for link in links})
    yield step(
        "links", "Une liaison est coupée",
        [f"{agreed(len({link['name'] for link in links}), 'liaison(s)')}, opérateurs : "
         f"{', '.join(operators) or 'à renseigner'}. Le site isolé garde son réseau local ; il perd l’annuaire, "
         "les fichiers, Internet.",
         "Ouvrir un incident chez l’opérateur, par le plan d’interface ; noter l’heure : elle compte dans l’objectif."],
        HOLDER, "L’opérateur a donné un numéro d’incident et une heure.",
        needs=["look"], on_failure=["Au-delà de l’objectif : escalade du plan d’interface (piste dossier OPÉRATEUR)."],
    )  # fmt: skip
    members = [asset["name"] for asset in town.assets if asset["kind"] == "firewall" and asset["state"] == "in_service"]
    if members:
        yield step(
            "firewall", "Un membre du pare-feu manque",
            [f"Membres : {', '.join(members)}. {_taken_over(len(members))}"],
            HOLDER, "Internet et les services répondent ; le membre est remplacé ou revenu.",
            needs=["look"], on_failure=["Plus aucun membre : rien ne sort ni n’entre. PRA, étape « Le pare-feu »."],
        )  # fmt: skip
    yield from _servers(sources)
    if hosting := commune["hosting"]:
        nodes = [node["name"] for node in hosting["nodes"]]
        yield step(
            "hosting", "Un nœud de la grappe manque",
            [f"Nœuds : {', '.join(nodes)}. {_taken_over(len(nodes))} Les machines y repartent ; ne rien y ajouter.",
             *(f"Jamais ensemble : {', '.join(entry['machines'])}." for entry in hosting["separated"])],
            HOLDER, "Les machines de production tournent ; le nœud est remplacé au contrat.", needs=["look"],
            on_failure=["La grappe ne tient plus : arrêter les machines hors production, puis le PRA."],
        )  # fmt: skip
    late = sources.sets("machine", "share", "database", "directory", "configurations", "microsoft365")
    yield step(
        "backup", "Une sauvegarde n’a pas eu lieu",
        ["L’âge de chaque dernière copie ne dépasse pas le RPO de sa famille.",
         "Les réglages des systèmes sont gardés chaque nuit ; un système muet y garde ses derniers fichiers."],
        HOLDER, "La copie du jour est faite, ou la raison est écrite.",
        needs=["look"], commands=[command(piste("configurations list"))], items=sources.items(late),
        rto_hours=rto(late),
        on_failure=["Deux nuits manquées d’une famille : prévenir la DSI, ne rien changer sur ses machines."],
    )  # fmt: skip


def _servers(sources: Sources) -> Iterator[RunbookStep]:
    """Yield the failure of a server of each service that has several, or should have."""
    commune = sources.commune
    access = commune["access"]
    services = (
        ("directory", "Un contrôleur de domaine manque", commune["dns"]["servers"],
         "Les postes ouvrent leurs sessions sur l’autre ; ne jamais en restaurer un à côté d’un autre qui vit."),
        ("addressing", "Un serveur DHCP manque", [server["name"] for server in commune["dhcp"]["servers"]],
         "L’autre sert les étendues du basculement ; les baux en cours tiennent."),
        ("access", "Un serveur NPS manque", access["servers"] if access else [],
         "Les équipements demandent au suivant de leur liste ; un poste déjà admis le reste."),
    )  # fmt: skip
    for key, title, names, words in services:
        if not names:
            continue
        sets = sources.machines(names)
        yield step(
            key, title, [f"Serveurs : {', '.join(names)}. {_taken_over(len(names))} {words}"],
            HOLDER, "Un poste de chaque site ouvre une session, a une adresse, est admis.",
            needs=["look"], rto_hours=rto(sets), items=sources.items(sets),
            on_failure=[f"Plus aucun ne répond : prévenir la {TOWN} ; PRA, à l’étape de ce service."],
        )  # fmt: skip


def _runtime(ups: Ups) -> str:
    """Say how long a supply lasts; a value that nobody confirmed is said to be so."""
    minutes = ups["runtime_minutes"]
    doubt = ", à confirmer" if minutes and ups["status"] == "to_confirm" else ""
    return f"{minutes} min{doubt}" if minutes else "autonomie à renseigner"


def _taken_over(count: int) -> str:
    return "Les autres prennent le relais sans action." if count > 1 else "Rien ne prend le relais : c’est un arrêt."
