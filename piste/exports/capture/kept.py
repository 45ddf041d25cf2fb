"""The verdicts of a capture on beliefs, kept for the environment that it was taken from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from piste.engine.converge.errors import Misused
from piste.engine.converge.moments import zoned
from piste.engine.repository import ROOT
from piste.exports.bag import bagit
from piste.exports.capture.store import About
from piste.exports.capture.verify import BELIEVED, Examined
from piste.systems.beliefs.answers import Verdict
from piste.systems.beliefs.form import beliefs, systems
from piste.systems.beliefs.kept import settle


def keep(folder: Path, seen: Examined, signer: str) -> tuple[list[str], Mapping[str, str]]:
    """Keep the verdicts of a capture that `signer`, a key, has signed.

    Give the beliefs that were kept, and the reason of each that was not. Raises `Misused` for a capture that is not
    sound or has no environment here, `UnreadableReading`, `MisplacedStore`, `NotWritten`.
    """
    about = seen.about
    if about is None or not about.ended or any(finding.state == "wrong" for finding in seen.findings):
        raise Misused(
            "rien n’est gardé d’une capture qui n’est pas saine, entière et signée par cette clé",
            where=str(folder),
            todo="Corrigez ce que disent les lignes ci-dessus, ou donnez la clé publique de la ville (--public-key).",
        )
    if not (ROOT / "inventories" / about.environment).is_dir():
        raise Misused(
            f"l’environnement « {about.environment} » de cette capture n’est pas de ce dépôt",
            where=str(folder),
            todo="Vérifiez-la dans le dépôt de la ville qui l’a faite.",
        )
    left = dict(_left(about, seen))
    named = f"capture {bagit.digest(folder / bagit.TAGS)[:12]}, signée par la clé {signer[:12]}"
    given = {
        id_: Verdict(verdict.state, f"{named} : {verdict.evidence}")
        for id_, verdict in seen.verdicts.items()
        if id_ not in left
    }
    later: list[str] = []
    for system in dict.fromkeys(id_.partition(".")[0] for id_ in given):
        own = {id_: verdict for id_, verdict in given.items() if id_.startswith(f"{system}.")}
        at = min(zoned(about.ended), seen.since[system])
        later += settle(about.environment, own, "capture", at, about.versions)
    left |= dict.fromkeys(later, "ce qui est déjà gardé est plus récent, ou quelqu’un l’a réfutée")
    return [id_ for id_ in given if id_ not in left], left


def never_checked(captured: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """Name the systems of a capture whose version nobody has read: nothing of them is kept.

    A system that only the doctor asks about has none that a question reads.
    """
    names = dict.fromkeys(BELIEVED.get(system, system) for system in captured)
    return [name for name in names if name in systems() and systems()[name].asked and name not in versions]


def _left(about: About, seen: Examined) -> Iterator[tuple[str, str]]:
    for id_, verdict in seen.verdicts.items():
        system, belief = id_.partition(".")[0], beliefs()[id_]
        if system in seen.partial and (belief.whole or belief.everywhere) and not belief.stands(verdict.state):
            yield id_, f"{system} n’a pas tout répondu pendant la capture, et il y faut chaque lieu"
        elif never_checked([system], about.versions):
            yield id_, f"la version de {system} n’était pas lue : « piste beliefs --check » avant la capture"
        elif system in about.changed:
            yield id_, f"{system} a changé de version pendant la capture : refaites-la"
        elif system not in seen.since:
            yield id_, f"une réponse de {system} n’a pas de moment qui se lise"
