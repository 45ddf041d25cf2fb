"""The plan of recovery (PRA): from a bag and backups, in the order of dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from piste.model.protection.derived import ProtectedSet
from piste.runbooks.calls import calls
from piste.runbooks.order import applications
from piste.runbooks.sources import Sources, rto
from piste.runbooks.step import (
    ANSIBLE,
    BOARD,
    HOLDER,
    PYTHON,
    TOWN,
    Command,
    Places,
    Proof,
    Runbook,
    RunbookStep,
    command,
    step,
)

LAB = "lab"
SKIPPED = "-x gpo_backups -x dhcp -x zabbix -x nexus -x clusters.yml -x computers.yml -x engines.yml"
"""Parts of an export that say what lives, or that no replay writes."""
_RECENT = (
    'import sys; sys.version_info >= (3, 12) or sys.exit("Il faut Python 3.12 ou plus récent ; celui-ci est " + '
    'sys.version.split()[0] + ".")'
)
"""The check of `docs/reversibilite.md`, in the words of its page."""
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
        steps=[*beginning(sources.environment, places, sources.proofs("repository")), *_town(sources, places)],
    )


def beginning(environment: str, places: Places, proofs: list[Proof] | None = None) -> Iterator[RunbookStep]:
    """Yield the steps before any declaration, the same for every town but for their proofs."""
    yield step(
        "decision",
        "Décider",
        [
            "Réunir la cellule de crise ; isoler ce qui reste ; choisir le sac et les copies, d’avant l’attaque.",
            NOTHING,
        ],
        BOARD,
        "Le sac et la date sont choisis, écrits, signés.",
        on_failure=["Sans certitude sur la date de l’attaque, prendre la copie la plus ancienne que la DSI accepte."],
    )
    yield step(
        "bag",
        "Vérifier le sac",
        ["Le sac contient le code qui va tourner : sa signature d’abord, par une clé venue d’un autre chemin."],
        TOWN,
        "La signature est vérifiée, les deux listes d’empreintes ne disent rien.",
        needs=["decision"],
        commands=[
            command(f"cd {places.bag}"),
            command(
                f"openssl pkeyutl -verify -rawin -pubin -inkey {places.key} -in tagmanifest-sha256.txt "
                "-sigfile tagmanifest-sha256.sig"
            ),
            command("sha256sum --quiet -c tagmanifest-sha256.txt"),
            command("sha256sum --quiet -c manifest-sha256.txt"),
        ],
        on_failure=["Ne pas se servir de ce sac : prendre le précédent, ou une copie tenue ailleurs."],
    )
    yield step(
        "workstation",
        "Préparer un poste",
        ["Un Linux neuf : git, openssl, Python 3.12 ou plus récent. Rien n’est pris du réseau, tout est au sac."],
        HOLDER,
        "Le sac est dit conforme, la déclaration n’a pas d’erreur.",
        needs=["bag"],
        commands=[
            command(f"python3 -c '{_RECENT}'"),
            command(f"git clone --quiet {places.bag}/data/repository/piste.bundle {places.work}"),
            command(f"cd {places.work}"),
            command("python3 -m venv .venv"),
            command(
                f"{PYTHON} -m pip install --quiet --no-index --find-links {places.bag}/data/repository/wheels "
                "--require-hashes -r requirements/demo.txt"
            ),
            command(f"export PYTHONPATH={places.work}"),
            command(f"{PYTHON} -m piste.cli bag verify {places.bag} --public-key {places.key}"),
            command(f"{PYTHON} -m piste.cli validate"),
        ],
        proofs=proofs,
        on_failure=["Sans les paquets au sac (--wheels), ôter --no-index et --find-links : il faut alors le réseau."],
    )
    what = ["Deux détenteurs sur trois réunissent leurs parts : docs/reversibilite.md, « Ouvrir le coffre »."]
    lab = ["Au laboratoire, les secrets sont ceux du laboratoire : rien à faire."]
    yield step(
        "vault",
        "Ouvrir le coffre",
        lab if environment == LAB else what,
        BOARD,
        "Les secrets de l’environnement s’ouvrent.",
        needs=["workstation"],
        on_failure=[
            "Un secret absent n’arrête rien : l’objet qui l’attend est rejoué hors service, et listé en avertissement."
        ],
    )


def _town(sources: Sources, places: Places) -> Iterator[RunbookStep]:
    """Yield the steps of the town itself."""
    settings = rto(sources.sets("configurations"))

    def replayed(*domains: str) -> list[Command]:
        options = f"-i inventories/town -i inventories/{sources.environment} -e folder={places.bag}/data/systems"
        return [command(f"{ANSIBLE} playbooks/replay_{domain}.yml {options}") for domain in domains]

    switches = [switch["name"] for switch in sources.commune["nexus"]["switches"]]
    text = f" Les Nexus ({', '.join(switches)}) : leur texte est dans {places.bag}/data/nexus." if switches else ""
    yield step(
        "network", "Le cœur du réseau, puis les sites",
        [f"Rétablir l’alimentation et le cœur.{text}",
         "Les équipements au nom de l’organisation Meraki ; rejouer les réseaux, puis le routage."],
        HOLDER, "Chaque site a ses VLAN, ses ports, ses SSID ; la passerelle de chaque segment répond.",
        needs=["vault"], commands=replayed("network", "routing"), rto_hours=settings,
        on_failure=[AGAIN, "Un équipement d’une autre organisation s’y réclame d’abord : docs/remplacer.md."],
    )  # fmt: skip
    yield step(
        "firewall", "Le pare-feu",
        ["Restaurer le SMC de sa propre sauvegarde, ou un SMC neuf ; y rejouer éléments et politiques.",
         "Rattacher les moteurs, puis installer la politique : docs/reprise-smc.md."],
        HOLDER, "Le SMC a ce que le sac dit ; les moteurs ont la politique installée.",
        needs=["network"], commands=replayed("firewall"), rto_hours=settings,
        proofs=sources.proofs("smc", named=["smc"]),
        on_failure=[AGAIN, "Tant que les moteurs manquent, rien ne sort : ne pas ouvrir d’accès sans filtrage."],
    )  # fmt: skip
    yield step(
        "hosting", "L’hébergement",
        ["Une grappe de même nom, Prism Central joignable ; rejouer réseaux, catégories, machines.",
         "Les machines sont refaites vides : leur contenu revient de la sauvegarde, aux étapes suivantes."],
        HOLDER, "Chaque machine déclarée existe, arrêtée ou vide.",
        needs=["network", "firewall"], commands=replayed("hosting"), rto_hours=settings,
        proofs=sources.proofs("machine"), on_failure=[AGAIN],
    )  # fmt: skip
    directory = sources.machines(sources.commune["dns"]["servers"])
    directories = [*sources.sets("directory"), *directory]
    yield step(
        "directory", "L’annuaire",
        ["Restaurer un contrôleur de domaine, faisant autorité ; les autres en sont refaits, jamais restaurés à côté.",
         "Puis rejouer unités, groupes, stratégies et liens : ce que la sauvegarde avait de plus vieux se met à jour."],
        HOLDER, "Un compte s’ouvre ; les stratégies du sac sont là.",
        needs=["hosting"], commands=replayed("directory"), rto_hours=rto(directories), items=sources.items(directories),
        proofs=sources.proofs("directory", "directory_object", "policy", named=["strategie"]),
        on_failure=["Ne restaurer qu’un seul contrôleur : deux restaurés séparément se contredisent.", AGAIN],
    )  # fmt: skip
    yield step(
        "names", "Les noms et les adresses (DNS, DHCP)",
        ["Rejouer zones et enregistrements, puis étendues et réservations. Les baux ne reviennent pas : ils se refont.",
         "En production, autoriser d’abord les serveurs DHCP dans l’annuaire : playbooks/authorise_dhcp.yml."],
        HOLDER, "Un poste reçoit une adresse et résout un nom de la Ville.",
        needs=["directory"], commands=replayed("names", "addressing"), rto_hours=rto(directory), on_failure=[AGAIN],
    )  # fmt: skip
    access = sources.commune["access"]
    families = {entry["family"] for entry in directory}
    identity = {entry["name"] for entry in sources.sets("machine") if entry["family"] in families}
    radius = sources.machines({*(access["servers"] if access else ()), *identity} - {d["name"] for d in directory})
    yield step(
        "access", "Le contrôle d’accès (NPS)",
        ["Restaurer l’autorité et un serveur NPS, ou les installer ; rejouer clients et politiques, un serveur après "
         "l’autre."],
        HOLDER, "Un poste géré est admis en 802.1X, un inconnu ne l’est pas.",
        needs=["directory", "network"], commands=replayed("access"), rto_hours=rto(radius),
        items=sources.items(radius), proofs=sources.proofs("nps"),
        on_failure=["En dernier recours, le retour en arrière du 802.1X : docs/passage-802.1x.md.", AGAIN],
    )  # fmt: skip
    shares = sources.sets("share")
    servers = sources.machines({entry["server"] or "" for entry in shares})
    yield step(
        "files", "Les fichiers, puis les impressions",
        ["Restaurer le serveur, puis les partages, de la sauvegarde ; vérifier un échantillon de chaque service.",
         "Rejouer les files d’impression."],
        HOLDER, "Chaque service ouvre ses fichiers, aux droits d’avant ; une page sort.",
        needs=["directory"], commands=replayed("printing"), rto_hours=rto([*shares, *servers]),
        items=sources.items([*servers, *shares]), proofs=sources.proofs("share"),
        on_failure=["Prendre la copie précédente ; noter ce qui manque, service par service."],
    )  # fmt: skip
    back = (("directory", directory), ("access", radius), ("files", servers))
    yield from _applications(sources, {entry["name"]: key for key, machines in back for entry in machines})
    yield step(
        "supervision", "La supervision", ["Restaurer ou installer le serveur ; rejouer modèles, hôtes et alertes."],
        HOLDER, "Chaque hôte déclaré est vu, et répond ou est dit muet.",
        needs=["network", "hosting"], commands=replayed("supervision"), rto_hours=settings, on_failure=[AGAIN],
    )  # fmt: skip
    yield step(
        "inventory", "L’inventaire", ["Restaurer GLPI et sa base ; rejouer ce que le sac en a."],
        HOLDER, "GLPI montre le parc du sac.",
        needs=["supervision"], commands=replayed("inventory"), rto_hours=settings, on_failure=[AGAIN],
    )  # fmt: skip
    inventories = f"-i inventories/town -i inventories/{sources.environment}"
    yield step(
        "proof", "Prouver que c’est la même ville",
        ["Exporter ce qui vient d’être refait, et le comparer au sac : la comparaison ne dit rien."],
        f"{HOLDER}, devant la DSI", "Aucune différence. Le rapport est signé, le journal reprend.",
        needs=["inventory"],
        commands=[
            command(f"{ANSIBLE} playbooks/export.yml {inventories} -e folder={places.again}"),
            command(f"diff -r {SKIPPED} {places.bag}/data/systems {places.again}"),
        ],
        on_failure=["Lire chaque différence : un objet manque (rejouer son domaine), ou est d’un autre (le nommer)."],
    )  # fmt: skip


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
            proofs=sources.proofs("machine", sets=[entry["name"] for entry in whole]) if whole else [],
            on_failure=[f"Appeler l’éditeur ({sources.party(application['publisher'])}), au contrat."],
        )  # fmt: skip
    others: list[ProtectedSet] = [entry for entry in sources.sets("machine") if entry["name"] not in done]
    if others:
        yield step(
            "machines", "Les autres machines", ["Les restaurer dans l’ordre du tableau, le RTO le plus court d’abord."],
            HOLDER, "Chaque machine en service répond.", needs=[before], rto_hours=rto(others),
            items=sources.items(others), on_failure=["Une machine hors production attend : elle se refait."],
        )  # fmt: skip
    if cloud := sources.sets("microsoft365"):
        yield step(
            "cloud", "Ce qui n’est pas à la Ville",
            ["Les services en ligne vivent : rétablir l’accès, puis ce qui manque."],
            HOLDER, "La messagerie s’ouvre d’un poste de la Ville.", needs=["names"], rto_hours=rto(cloud),
            items=sources.items(cloud), on_failure=["Ouvrir un incident chez l’éditeur."],
        )  # fmt: skip
