"""The verb `piste find`: the things of the town that a word designates, and their places."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

import click

from piste.commands.french import Verb
from piste.commands.options import environment_option, text_or_json
from piste.commands.output import said, say_json
from piste.engine.clock import in_town
from piste.engine.words import agreed, safe

if TYPE_CHECKING:
    from piste.sites.live import Live
    from piste.sites.search import Answer, Change, Lines, Way
    from piste.sites.thing import Thing
    from piste.town.model.derived import Derived

RECORDS = 100
"""Newest records in which the changes of a thing are looked for."""
_WIDTH = 80
_LONGEST = 200
"""Signs of a word that is looked for, and of the values of a change that are shown."""
_CARDS = 4
"""Things of an answer that are shown whole; more of them are listed."""
_WAYS = 8
_PLACES = 12
"""Lines of the declaration that are listed for a kind; beyond, its things are put together."""
# JSON, since reading YAML costs more than the search itself.
_SAID = json.loads(Path(__file__).with_name("find_words.json").read_text("utf-8"))
LABELS: Mapping[str, str] = _SAID["labels"]
"""French words of the facts of things."""
WORDS: Mapping[str, str] = _SAID["codes"]
"""French words of the codes of facts."""
CODED = frozenset(
    {
        "account_kind", "account_rights", "action", "authentication", "dot1x", "duplexing", "hosting", "licence_type",
        "lifecycle", "state",
    }
)  # fmt: skip
"""Facts whose values are codes; a name that looks like a code stays as it is."""
_ACTIONS: Mapping[str, str] = {"create": "créé", "update": "modifié", "delete": "retiré", "reset": "remis à zéro"}


def _complete_name(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    from piste.sites.search import folded
    from piste.sites.things import things
    from piste.town import declared

    names = (thing.name for thing in things(declared.derived(ctx.params.get("environment") or "lab")))
    return list(dict.fromkeys(name for name in names if folded(name).startswith(folded(begun))))


@click.command(cls=Verb)
@click.argument("words", metavar="MOT...", nargs=-1, required=True, shell_complete=_complete_name)
@environment_option
@text_or_json
@click.option("--live", is_flag=True, help="D’une adresse MAC ou IP, demander au Dashboard où il la voit.")
def find(words: tuple[str, ...], environment: str, form: str, live: bool) -> None:
    """Trouver ce que désigne un mot : adresse, préfixe, MAC, série, VLAN, port, règle, nom ou partie d’un nom.

    Une application, un tiers, un contrat, une licence, un compte se trouvent aussi par leur nom, en plusieurs mots.

    \b
    piste find 10.93.41.37
    piste find sw-jau-02/8
    piste find QZZZ-0005-0002
    piste find 151
    piste find City Web
    piste find imp-jau-01 --format json
    piste find 02:93:05:00:00:81 --live

    Pour chaque chose : ce qu’elle est, sa ligne de la déclaration, son site, sa baie, son dernier changement au
    journal ; d’une adresse ou d’un segment, qui l’atteint. Rien n’est demandé à aucun système, sauf avec --live : le
    Dashboard dit alors le commutateur et le port, ou la borne et le SSID. Rien n’en est gardé.
    Codes de sortie : 0 trouvé, 1 rien de ce nom (les noms proches sont proposés), 3 inconnu du Dashboard (--live), 4 la
    déclaration a des fautes.
    """
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import newest
    from piste.sites.search import History, Lines, search, ways
    from piste.town import declared

    word = " ".join(words)
    if not word.strip() or len(word) > _LONGEST:
        raise click.UsageError("il faut un mot : un nom, une adresse, un numéro")
    if live:
        _refuse_other(word.strip())
    town = declared.sound(environment)
    answer = search(town, word.strip())
    lines = Lines(declared.files(environment)) if answer.matches else None
    history = History(islice(newest(journal_folder(), environment), RECORDS))
    last = [_last(history.of(thing)) for thing in answer.matches]
    elsewhere = [] if answer.matches else history.named(word)[:1]
    reached = ways(_rows(town, answer.target)) if answer.target else None
    now = _located(town, word.strip(), environment, form) if live else None
    if form == "json":
        whole = {"environment": environment, **_json(answer, lines, last, elsewhere, reached)}
        say_json(whole | ({"live": now.to_json()} if now else {}))
    else:
        _print(town, answer, lines, last, elsewhere, reached)
        if now:
            # A card ends with an empty line.
            if reached is not None or not 0 < len(answer.matches) <= _CARDS:
                click.echo()
            _say_live(now)
    if now:
        sys.exit(0 if now.places else 3)
    sys.exit(0 if answer.matches or elsewhere else 1)


def _refuse_other(word: str) -> None:
    from piste.sites.live import address
    from piste.sites.search import MAC

    if not MAC.fullmatch(word) and address(word) is None:
        raise click.UsageError(
            f"--live demande où est une adresse MAC ou IPv4, et « {word} » n’en est pas une : le Dashboard ne connaît "
            "pas les noms de la déclaration. Sans --live, l’adresse de la chose est donnée."
        )


def _located(town: Derived, word: str, environment: str, form: str) -> Live:
    """Ask the Dashboard where it sees an address; a silence is unknown with its reason."""
    from piste.runs.plans import play
    from piste.sites.live import PLAYBOOK, judged, variables
    from piste.systems.meraki.clients import DAYS

    asked = variables(town, word)
    if not asked:
        return judged(town, [], DAYS, ["aucun site n’a cette adresse : aucun réseau n’est à interroger"])
    order = play.Order(PLAYBOOK, environment, extra=asked)
    said(form)(order)
    played = play.play(order, check=False)
    return judged(town, played.located, DAYS, [trouble.message for trouble in played.troubles])


def _say_live(live: Live) -> None:
    _line("", "Vu par le Dashboard :" if live.places else f"Où elle est : inconnu, {live.why}")
    for place in live.places[:1]:
        where = f"{place.site_name}{f' ({place.site})' if place.site else ''}"
        name = f"{place.device}/{place.port}" if place.port else place.device
        _line(f"  {'borne' if place.ssid else 'commutateur':<17}", f"{name}, {where}")
        for label, text in (("SSID", place.ssid), ("VLAN", place.vlan)):
            if text:
                _line(f"  {label:<17}", text)
        moment = in_town(place.seen_at, "le %d/%m/%Y à %H:%M") if place.seen_at else "à un moment que rien ne dit"
        _line("  vu               ", moment + {True: ", en ligne", False: ", plus en ligne", None: ""}[place.online])
        _line("  déclaré          ", f"{'✗ ' if place.differs else ''}{place.declared}")
    if others := [f"{place.device}/{place.port or place.ssid}" for place in live.places[1:]]:
        _line("  vu aussi         ", ", ".join(_some(others)))
    if live.not_asked:
        names = ", ".join(_some(live.not_asked))
        _line("  non demandé      ", f"{names} : leurs tables d’adresses MAC ne sont pas lues")


def _rows(town: Derived, target: str) -> Any:
    # Imported here: the filters cost half a second, which a name alone need not pay.
    from piste.sites.flows import Picture, declared_rules
    from piste.town.model.flows.traffic import addresses

    return Picture(town, declared_rules(town)).rows(target=addresses(target))


def _last(changes: Sequence[Change]) -> list[Change]:
    """Keep the last write of a thing, and a later check that foresaw a change."""
    written = next((rank for rank, change in enumerate(changes) if change.written), len(changes))
    return [*changes[: min(written, 1)], *changes[written : written + 1]]


def _json(
    answer: Answer,
    lines: Lines | None,
    last: Sequence[Sequence[Change]],
    elsewhere: Sequence[Change],
    reached: Sequence[Way] | None,
) -> dict[str, Any]:
    things = []
    for rank, thing in enumerate(answer.matches):
        mark = lines.of(thing) if lines else None
        things.append(
            {
                "kind": thing.kind,
                "name": thing.name,
                "owner": thing.owner,
                "declared": {"file": mark.file, "line": mark.line} if mark else None,
                "facts": {name: value for name, value in thing.facts.items() if value not in (None, "", [])},
                "changes": [_change(change) for change in last[rank]],
            }
        )
    return {
        "word": answer.word,
        "exact": answer.exact,
        "things": things,
        "note": answer.note,
        "recorded": [_change(change) for change in elsewhere],
        "reached_by": None if reached is None else [way._asdict() for way in reached],
        "near": answer.near,
    }


def _change(change: Change) -> dict[str, Any]:
    from piste.runs.changes import changes

    named = {name: change.operation[name] for name in ("system", "owner", "kind", "label")}
    described = {**change._asdict(), **named, "changes": changes(change.operation)}
    return {name: value for name, value in described.items() if name != "operation"}


def _print(
    town: Derived,
    answer: Answer,
    lines: Lines | None,
    last: Sequence[Sequence[Change]],
    elsewhere: Sequence[Change],
    reached: Sequence[Way] | None,
) -> None:
    if answer.note:
        _line("", answer.note)
    if len(answer.matches) > _CARDS:
        _list(answer, lines)
    else:
        for rank, thing in enumerate(answer.matches):
            _card(town, thing, lines, last[rank])
    if reached is not None:
        _reached(answer.target, reached)
    for change in elsewhere:
        what = f"{change.operation['kind']} {change.operation['label']}"
        _line("", f"Rien de déclaré ne s’appelle ainsi, mais le journal en parle : {what}")
        _line("  journal          ", _said(change))
    if not (answer.matches or elsewhere or answer.note):
        near = f" Noms proches : {', '.join(answer.near)}." if answer.near else ""
        _line("", f"Rien ne s’appelle « {answer.word} », ni dans la déclaration, ni dans les {RECORDS} dernières "
              f"exécutions du journal.{near}")  # fmt: skip


def _list(answer: Answer, lines: Lines | None) -> None:
    """List many things, those of the same line of the declaration together."""
    together: dict[tuple[str, str], list[Thing]] = {}
    for thing in answer.matches:
        mark = lines.of(thing) if lines else None
        together.setdefault((thing.kind, f"{mark.file}:{mark.line}" if mark else "déduit"), []).append(thing)
    crowded = {kind for kind, count in Counter(kind for kind, _ in together).items() if count > _PLACES}
    for kind in dict.fromkeys(kind for kind, _ in together):
        if kind in crowded:
            some = [thing for thing in answer.matches if thing.kind == kind]
            _several(some, f"{len(some)} en tout")
            continue
        for (other, where), some in together.items():
            if other == kind:
                _several(some, where)
    beyond = "" if answer.exact else " dont le nom contient ce mot"
    click.echo()
    _line("", f"{agreed(len(answer.matches), 'chose(s)')}{beyond}. Le détail d’une seule : son nom, ou NOM@SITE.")


def _several(some: Sequence[Thing], where: str) -> None:
    from piste.sites.kind_words import KINDS

    names = ", ".join(_some(list(dict.fromkeys(thing.name for thing in some))))
    owners = ", ".join(_some(list(dict.fromkeys(thing.owner for thing in some if thing.owner not in thing.name))))
    _line("", f"{KINDS[some[0].kind]} {names}{f' : {owners}' if owners else ''}  ({where})")


def _card(town: Derived, thing: Thing, lines: Lines | None, last: Sequence[Change]) -> None:
    from piste.sites.kind_words import KINDS

    site = town.sites.get(thing.owner)
    place = f"{site['name']} ({thing.owner})" if site else "la ville"
    if site and site["lifecycle"] != "open":
        place += f", site {WORDS[site['lifecycle']]}"
    _line("", f"{KINDS[thing.kind]} {thing.name}" + ("" if thing.kind == "town" else f", {place}"))
    mark = lines.of(thing) if lines else None
    _line("  déclaration      ", f"{mark.file}:{mark.line}" if mark else "déduite d’autre chose")
    for name, value in thing.facts.items():
        if text := _text(value, coded=name in CODED):
            _line(f"  {LABELS[name]:<17}", text)
    for change in last:
        _line("  journal          ", _said(change))
    click.echo()


def _text(value: Any, *, coded: bool) -> str:
    values = value if isinstance(value, list) else [] if value in (None, "") else [value]
    texts = (WORDS.get(str(part), str(part)) if coded or isinstance(part, bool) else str(part) for part in values)
    return ", ".join(texts)


def _said(change: Change) -> str:
    from piste.runs.changes import changes

    who = f" par {change.user}" if change.user else ""
    done = _ACTIONS[change.action] if change.written else "un essai y a vu un changement à faire"
    done = done if change.sure else f"peut-être {done} (arrêté en pleine écriture)"
    values = shorten(" ; ".join(changes(change.operation)[:3]), _LONGEST, placeholder=" […]")
    moment = in_town(change.ended, "le %d/%m/%Y à %H:%M")
    return f"{done} {moment}{who}, {change.run}" + (f" : {values}" if values else "")


def _reached(target: str, reached: Sequence[Way]) -> None:
    if not reached:
        click.echo(f"Aucun flux déclaré n’atteint {target} depuis un autre segment.")
        return
    click.echo(f"Qui atteint {target} :")
    for way in reached[:_WAYS]:
        origins = ", ".join(_some(way.origins))
        most = "" if way.exact else " ; peut-être, en tout ou partie : une règle ne se calcule pas"
        _line("  ", f"{origins} → {', '.join(_some(way.services))} ({', '.join(way.rules)}{most})")
    if len(reached) > _WAYS:
        click.echo(f"  et {agreed(len(reached) - _WAYS, 'autre(s) chemin(s)')}")
    click.echo(f"Tout, site par site : piste flows --to {target}")


def _some(names: Sequence[str], most: int = 6) -> Iterator[str]:
    yield from names[:most]
    if len(names) > most:
        yield f"et {agreed(len(names) - most, 'autre(s)')}"


def _line(label: str, text: str) -> None:
    """Print a line that goes on below its own beginning; texts of systems are made harmless."""
    indent = " " * (len(label) or 2)
    for line in wrap(safe(text), _WIDTH, initial_indent=label, subsequent_indent=indent, break_on_hyphens=False):
        click.echo(line)
