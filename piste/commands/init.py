"""The verb `piste init`: the inventory of production and its vault, from a few answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.output import leave_on_no, says_yes
from piste.engine.repository import ROOT

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

_ORDER = """L’ordre du premier jour, une commande par étape (docs/mise-en-service.md) :
  cet inventaire et son coffre, puis piste doctor
  les croyances : piste beliefs --check
  la capture : piste capture, puis piste capture verify
  un laboratoire né de la capture : piste lab up --from, où la reprise s’essaie
  la reprise : piste adopt, un plan vide, puis la première vague, d’un seul site
"""


def _complete_key(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.commands.production.questions import BY_KEY

    return [f"{key}=" for key in BY_KEY if key.startswith(begun)]


@click.command(cls=Verb)
@click.argument("environment", metavar="production", type=click.Choice(["production"]))
@click.option("--answers", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Réponses, en YAML.")
@click.option(
    "--set",
    "options",
    multiple=True,
    metavar="CLÉ=RÉPONSE",
    shell_complete=_complete_key,
    help="Une réponse, à répéter ; vide : aucune.",
)
@click.option("--dry-run", is_flag=True, help="Montrer sans rien écrire.")
@click.option("--yes", is_flag=True, help="Ne pas demander.")
def init(environment: str, answers: Path | None, options: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Préparer la production : où répondent les vrais systèmes, un coffre chiffré, les droits de chaque compte.

    \b
    piste init production
    piste init production --answers production.yml
    piste init production --set domain=ad.ville.fr --set proxy=- --dry-run

    Sans réponse donnée, les questions sont posées, avec ce que dit déjà l'inventaire. Ce qui change est montré avant
    d'être écrit. Le coffre naît chiffré : ansible-vault en demande le mot de passe. Un coffre qui existe n'est pas
    touché. Refaite avec les mêmes réponses, la commande ne change rien. Aucun système n'est contacté, à moins que, le
    coffre étant là, vous n'acceptiez l'examen (piste doctor) proposé à la fin.
    Codes de sortie : 0 écrit, ou déjà là, 1 pas de coffre, 4 refusé.
    """
    from piste.commands.production import accounts, inventory, questions, vault
    from piste.sites.declaring import differences, write_files
    from piste.town import declared

    click.echo(_ORDER)
    town = declared.rule()
    there = vault.existing(ROOT)
    servers = inventory.servers(ROOT)
    given: dict[Any, Any] = {**(questions.read(answers) if answers else {}), **_options(options)}
    if not given and not answers:
        given = _asked(servers)
    domain = given.get("domain")
    before = inventory.current(ROOT, domain if isinstance(domain, str) else "")
    checked = questions.checked({**before, **given}, servers)
    files = inventory.files(checked, ROOT)
    for line in differences(files, ROOT):
        click.echo(line)
    wants_vault = there is None and vault.accesses(inventory.main(ROOT))
    if wants_vault:
        paths = town.secret_paths()
        click.echo(f"\nÀ faire, chiffré : {vault.VAULT}, où {len(paths) + len(wants_vault)} valeurs sont à mettre :")
        for name in (*wants_vault, *paths):
            click.echo(f"  {name}")
    if not files and not wants_vault:
        click.echo("Tout est déjà ainsi : rien à écrire." + (f" Le coffre {there} n’est pas touché." if there else ""))
    elif dry_run:
        click.echo("\nRien n’a été écrit.")
    else:
        if wants_vault:
            vault.check_password()
        leave_on_no("\nÉcrire ?", yes=yes)
        write_files(files, ROOT)
        for path in files:
            click.echo(f"Écrit : {path}")
        if wants_vault:
            vault.seal(vault.skeleton(wants_vault, paths), ROOT)
            click.echo(f"Écrit, chiffré : {vault.VAULT}")
    click.echo("\nLes comptes, leurs moindres droits d’après ce que la déclaration emploie, et comment les faire :")
    nexus = [switch["name"] for switch in town.commune["nexus"]["switches"]] if town.commune else []
    for line in accounts.lines(checked, accounts.in_use(_owners(town)), nexus):
        click.echo(line)
    click.echo(f"\nEnsuite : ANSIBLE_LOCAL_TEMP=/dev/shm ansible-vault edit {there or vault.VAULT}")
    click.echo(f"Puis : piste doctor --environment {environment}")
    # A vault that was just made has no value yet: every system would refuse.
    if there and not dry_run and _at_a_terminal() and says_yes("\nLe coffre a ses valeurs ? Examiner maintenant"):
        from piste.commands.doctor import doctor

        click.get_current_context().invoke(doctor, environment=environment, form="text")


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


def _owners(town: Derived) -> Iterator[Mapping[str, Any]]:
    from piste.town import declared

    if town.commune:
        yield town.commune
    yield from declared.serving(town).values()


def _options(options: tuple[str, ...]) -> dict[str, str]:
    pairs = [option.partition("=") for option in options]
    if wrong := [option for option, (_, sign, _) in zip(options, pairs, strict=True) if not sign]:
        raise click.BadParameter(f"« {wrong[0]} » n’a pas la forme CLÉ=RÉPONSE.", param_hint="--set")
    return {key: value for key, _, value in pairs}


def _asked(servers: Sequence[str]) -> dict[str, str]:
    """Ask every question; an answer that does not fit, or not with the others, is asked again."""
    from piste.commands.production import inventory, questions

    answers: dict[str, str] = {}
    for question in questions.QUESTIONS:
        # The domain comes first: the names of servers follow from it.
        default = inventory.current(ROOT, answers.get("domain", "")).get(question.key, "")
        while question.key not in answers:
            said = click.prompt(question.text, default=default, show_default=bool(default), prompt_suffix=" : ")
            text = "" if question.optional and said.strip() == questions.NOTHING else said.strip()
            try:
                if not text and not question.optional:
                    continue
                answer = question.check(text) if text else ""
            except ValueError as error:
                click.echo(f"« {questions.shown(text)} » ne convient pas, {error}.", err=True)
                continue
            if faults := list(questions.disagreements({**answers, question.key: answer}, servers)):
                click.echo("\n".join(faults), err=True)
            else:
                answers[question.key] = answer
    return answers
