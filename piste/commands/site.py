"""The verb `piste site`: declare a new site from a few answers, open it, close it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.consequences import say_plan
from piste.commands.french import Verb, Verbs
from piste.commands.options import environment_option
from piste.commands.output import EXIT, leave_on_no, leave_on_trouble, say_command
from piste.commands.trace import refuse_untraced, without_journal_option

if TYPE_CHECKING:
    from piste.sites.onboarding import Made
    from piste.town.model import Site
    from piste.town.model.new_site import Known, Proposal


@click.group(cls=Verbs)
def site() -> None:
    """Déclarer un nouveau site, l'ouvrir, le fermer : new, open, close."""


def _complete_site(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.commands.validate import INVENTORY
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    return [name for name in derivation(Inputs(INVENTORY)).sites if name.startswith(begun)]


@site.command("new", cls=Verb)
@click.argument("name", metavar="[NOM]", required=False)
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Réponses, en YAML.")
@click.option("--category", metavar="CATÉGORIE", help="ecole, culture, sport…")
@click.option("--id", "id_", metavar="NOM", help="Identifiant du site, au lieu de celui qui se tire de son nom.")
@click.option("--number", type=int, metavar="NOMBRE", help="Numéro dans le plan d’adressage, au lieu du premier libre.")
@click.option("--code", metavar="LETTRES", help="Deux à quatre lettres, pour les noms d’équipements.")
@click.option("--address", metavar="TEXTE", help="Adresse postale.")
@click.option("--rooms", type=int, metavar="NOMBRE", help="Nombre de salles.")
@click.option("--users", type=int, metavar="NOMBRE", help="Nombre d’utilisateurs.")
@click.option("--switch", "switches", multiple=True, metavar="MODÈLE[:SÉRIE|×N]", help="Commutateur, à répéter.")
@click.option("--access-point", "points", multiple=True, metavar="MODÈLE[:SÉRIE|×N]", help="Borne, à répéter.")
@click.option("--print-queue", "queues", multiple=True, metavar="TEXTE", help="Ce qu’est une file, à répéter.")
@click.option("--ssid", "ssids", multiple=True, metavar="SSID", help="Un SSID en plus de ceux de la catégorie.")
@click.option("--operator", metavar="TEXTE", help="Opérateur de la liaison vers le cœur.")
@click.option("--rate", type=int, metavar="MBIT/S", help="Débit de la liaison.")
@click.option("--far-port", metavar="PORT", help="Port du cœur où elle arrive, au lieu du premier libre.")
@click.option("--dry-run", is_flag=True, help="Montrer les fichiers sans les écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
def new(name: str | None, answers: Path | None, id_: str | None, dry_run: bool, yes: bool, **given: Any) -> None:
    """Déclarer un nouveau site à partir de quelques réponses : questions, options ou fichier.

    \b
    piste site new
    piste site new "École Hélène Boucher" --category ecole --operator Ineo --switch MS120-8:SÉRIE --access-point MR×3
    piste site new --answers ecole-boucher.yml --yes

    Numéro, code, adresses, VLAN, noms et ports sont proposés, celui du cœur où arrive la liaison compris. Rien n'est
    écrit si la déclaration aurait une faute, et rien n'est écrasé : relancée avec les mêmes réponses, la commande ne
    change rien. Le site est « planned » : l'ouvrir est l'affaire d'un mot (piste site open).
    Codes de sortie : 0 écrit, ou déjà là, 4 refusé.
    """
    from piste.sites import onboarding

    known = onboarding.read_answers(answers) if answers else {}
    known |= _given_answers(name, id_, given)
    beside = onboarding.known()
    if not answers and not (known.get("name") and known.get("category")):
        known = _asked(known, beside)
    made = onboarding.make(onboarding.answers_of(known), beside)
    for line in _summary(made):
        click.echo(line)
    if dry_run:
        for line in onboarding.shown(made):
            click.echo(line)
        click.echo("\nRien n’a été écrit.")
        return
    if not made.files:
        click.echo("Tout est déjà déclaré ainsi.")
    else:
        leave_on_no("\nÉcrire ces fichiers ?", yes=yes)
        onboarding.write(made)
        for path in made.files:
            click.echo(f"Écrit : {path}")
    _say_next(made)


@site.command("open", cls=Verb)
@click.argument("target", metavar="SITE", shell_complete=_complete_site)
@click.option("--without-link", metavar="NOM : RAISON", help="Sans liaison déclarée : qui en décide, et pourquoi.")
@click.option("--until", metavar="JOUR", help="Dernier jour où cette décision vaut, AAAA-MM-JJ.")
def open_(target: str, without_link: str | None, until: str | None) -> None:
    """Ouvrir un site déclaré : « lifecycle: open » dans son fichier, si la déclaration reste sans faute.

    \b
    piste site open ecole-helene-boucher
    piste site open ecole-helene-boucher --without-link "Mme Diallo : fibre en février" --until 2027-02-28

    Un site sans liaison vers la ville serait coupé : il est refusé, sauf décision inscrite, comptée et montrée ensuite.
    Codes de sortie : 0 ouvert, 4 refusé.
    """
    from piste.sites import onboarding
    from piste.town import declared as town

    declared = _declared(target)
    if declared["lifecycle"] not in ("planned", "open"):
        raise onboarding.WrongAnswer(f"« {target} » se ferme ou est fermé (lifecycle: {declared['lifecycle']})")
    if bool(without_link) != bool(until):
        raise click.UsageError("--without-link et --until vont ensemble : qui, pourquoi, et jusqu’à quel jour.")
    if without_link and until:
        onboarding.decide_unlinked(target, without_link, until)
    elif declared["lifecycle"] == "planned":
        onboarding.refuse_unlinked(declared, town.rule().commune)
    changed = onboarding.set_lifecycle(target, "open")
    file = f"inventories/town/host_vars/{target}.yml"
    click.echo(f"{target} est ouvert ({file})." if changed else f"{target} l’est déjà.")
    click.echo(f"Ensuite : piste plan commune,{target}")
    for other, ports in _links(target).items():
        click.echo(f"Il contient les ports de {other} qui laissent passer ses VLAN : {', '.join(ports)}.")


@site.command("close", cls=Verb)
@click.argument("target", metavar="SITE", shell_complete=_complete_site)
@environment_option
@click.option("--confirm", metavar="SITE", help="L’identifiant du site, au lieu de le taper quand il est demandé.")
@click.option("--carried", is_flag=True, help="Même s’il porte les passerelles d’autres sites, que le plan nomme.")
@without_journal_option
def close(target: str, environment: str, confirm: str | None, carried: bool) -> None:
    """Fermer un site : garder ce qu'il a, supprimer ce qu'il possède, les enfants d'abord, et l'inscrire « closed ».

    \b
    piste site close ecole-helene-boucher
    piste site close ecole-helene-boucher --environment production

    Le plan est montré, puis l'identifiant du site est demandé. Ses équipements retournent au stock, ses files
    d'impression restent, son fichier et son numéro aussi. Interrompue, la même commande finit ; refaite, elle ne change
    rien. La politique de pare-feu s'installe ensuite, à part. Le site du cœur ne se ferme pas tant que d'autres y ont
    leurs passerelles, sauf à le dire (--carried).
    Codes de sortie : 0 fermé, 1 erreur, 3 sans réponse, 4 refusé.
    """
    from piste.runs.plans import saved, show
    from piste.runs.plans.play import Order
    from piste.runs.plans.progress import watched
    from piste.sites import onboarding

    lifecycle, links = _declared(target)["lifecycle"], _links(target)
    if lifecycle == "planned":
        raise onboarding.WrongAnswer(f"« {target} » n’est pas ouvert : retirez ses fichiers et sa ligne de hosts.yml")
    extra = {"closing": target, **({"closing_carried": True} if carried else {})}
    order = Order(CLOSING, environment, f"{_town()},{target}", extra)
    say_command(order.command(check=False))
    if lifecycle != "closed":
        foreseen = watched(order, check=True)
        leave_on_trouble(foreseen, "Rien n’a été supprimé.")
        refuse_untraced(foreseen)
        made = saved.make(order, foreseen)
        say_plan(made)
        if "carried" in show.to_confirm(made):
            click.echo("D’autres sites y ont leurs passerelles : rien n’a été supprimé (--carried).", err=True)
            sys.exit(EXIT["refused"])
        question = f"\nTapez l’identifiant du site pour supprimer ({len(foreseen.operations)} opérations)"
        if (confirm or _ask(question)).strip() != target:
            click.echo("Ce n’est pas lui : rien n’a été supprimé.", err=True)
            sys.exit(EXIT["refused"])
        onboarding.set_lifecycle(target, "closing")
        leave_on_trouble(watched(order, check=False), "Le site reste « closing » : corrigez, puis relancez.")
        onboarding.set_lifecycle(target, "closed")
    leave_on_trouble(watched(order, check=False), "Il reste ce que la ville gardait pour lui : relancez.")
    click.echo(f"{target} est fermé. Ce qu’il avait est dans le dossier « fermetures » de l’environnement.")
    click.echo("Ensuite : piste install")
    for other, ports in links.items():
        click.echo(f"À côté : piste plan {other} --domain network ({', '.join(ports)} laissaient passer ses VLAN)")


def _links(target: str) -> Mapping[str, Sequence[str]]:
    from piste.sites import onboarding
    from piste.town import declared

    return onboarding.carriers(declared.rule().sites[target])


CLOSING = "playbooks/close_site.yml"


def _town() -> str:
    from piste.town import declared

    town = declared.rule().commune
    assert town is not None
    return town["id"]


def _declared(target: str) -> Site:
    from piste.town import declared

    town = declared.rule()
    declared.refuse_stranger(target, town)
    return town.sites[target]


def _given_answers(name: str | None, id_: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the options as answers, without those not given."""
    lists = {
        "switches": [_hardware(text) for text in given["switches"]],
        "access_points": [_hardware(text) for text in given["points"]],
        "print_queues": list(given["queues"]),
        "ssids": list(given["ssids"]),
    }
    plain = {key: given[key] for key in ("category", "number", "code", "address", "rooms", "users")}
    link = {"operator": given["operator"], "rate_mbps": given["rate"], "far_port": given["far_port"]}
    plain["link"] = {key: value for key, value in link.items() if value is not None} or None
    return {key: value for key, value in {"name": name, "id": id_, **plain, **lists}.items() if value not in (None, [])}


def _hardware(text: str) -> dict[str, Any]:
    """Read a device: `MS120-8:QZZZ-0026-0001`, `MR×3` (or `MRx3`), `MR`."""
    model, _, serial = text.partition(":")
    if serial:
        return {"model": model, "serial": serial}
    model, sign, count = text.replace("×", "x").rpartition("x")
    return {"model": model, "count": int(count)} if sign and count.isdigit() else {"model": text}


def _ask(question: str, **more: Any) -> str:
    return str(click.prompt(question, prompt_suffix=" : ", **more))


def _asked(known: dict[str, Any], beside: Known) -> dict[str, Any]:
    """Ask for the missing answers; an empty answer is proposed, or filled in later."""
    known = dict(known)
    if not known.get("name"):
        known["name"] = _ask("Nom du site")
    if not known.get("category"):
        known["category"] = _ask("Catégorie", type=click.Choice(sorted(beside.categories)))
    questions = (("address", "Adresse postale"), ("rooms", "Nombre de salles"), ("users", "Nombre d’utilisateurs"))
    for key, question in questions:
        if key not in known and (said := _ask(f"{question} (vide : plus tard)", default="", show_default=False)):
            known[key] = int(said) if key != "address" and said.isdigit() else said
    lists = (
        ("switches", "Commutateurs, séparés par des espaces (MS120-8:SÉRIE, ou MS120-8×2 à recevoir)"),
        ("access_points", "Bornes, de même (MR:SÉRIE, MR×3)"),
    )
    for key, question in lists:
        if key not in known:
            known[key] = [_hardware(text) for text in _ask(question, default="", show_default=False).split()]
    if "print_queues" not in known:
        question = "Files d’impression, séparées par des virgules (Copieur, Imprimante)"
        said = _ask(question, default="", show_default=False)
        known["print_queues"] = [text.strip() for text in said.split(",") if text.strip()]
    if "link" not in known and beside.core:
        known["link"] = _asked_link(beside)
    return known


def _asked_link(beside: Known) -> dict[str, Any] | None:
    """Ask for the link to the core; None where nobody has ordered it yet."""
    question = "Opérateur de la liaison vers le cœur (vide : pas encore commandée)"
    operator = _ask(question, default="", show_default=False)
    if not operator:
        return None
    rate = _ask("Débit, en Mbit/s (vide : plus tard)", default="", show_default=False)
    port = _ask(f"Port du cœur où elle arrive, à {beside.core}", default=next(iter(beside.free), ""))
    said = {"operator": operator, "rate_mbps": int(rate) if rate.isdigit() else rate, "far_port": port}
    return {key: value for key, value in said.items() if value != ""}


def _summary(made: Made) -> Iterator[str]:
    from piste.town.model.checklist import cabling, uplinks

    proposal: Proposal = made.proposal
    derived = made.town.sites[proposal.id]
    yield f"{proposal.id} : {proposal.answers.name}, {derived['category_label']} (CCTP {proposal.cctp})"
    yield f"  numéro {proposal.number}, code {proposal.code}, bloc {derived['block']}"
    vlans = ", ".join(f"{segment['key']} {segment['vlan']}" for segment in derived["segments"].values())
    yield f"  VLAN : {vlans}"
    yield f"  SSID : {', '.join(ssid['name'] for ssid in derived['ssids']) or 'aucun'}"
    cables = list(cabling(derived))
    links = {name: f"{switch} port {port}" if switch else "aucun port libre" for name, switch, port in cables}
    for device in (*derived["devices"], *derived["awaited"]):
        where = f"liaisons {uplinks(device)}" if device["kind"] == "switch" else links[device["name"]]
        serial = device["serial"] or "à recevoir"
        yield f"  {device['name']} : {device['model']}, {serial}, {device['address']}, {where}"
    for name, what in proposal.queues.items():
        yield f"  {name} : {what}"
    if link := proposal.link:
        rate = f", {link['rate_mbps']} Mbit/s" if "rate_mbps" in link else ""
        yield f"  liaison {link['name']} : arrive à {link['to']}, {link['far_port']}{rate}"
    else:
        yield "  liaison : aucune ; sans elle, le site ne s’ouvre pas (link, ou premises.links dans son fichier)"


def _say_next(made: Made) -> None:
    name = made.proposal.id
    if made.town.sites[name]["lifecycle"] == "planned":
        click.echo(f"\nPrévu, pas encore ouvert : rien n’en est fait ailleurs. Ensuite : piste site open {name}")
    else:
        click.echo(f"\nEnsuite : piste plan commune,{name}")
