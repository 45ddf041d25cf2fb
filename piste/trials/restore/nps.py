"""An NPS server: its export is imported on a spare server, compared, taken away.

The spare serves nobody: no client, no switch and no access point knows it. An import replaces everything, so a server
that has clients is never the spare.
Believed: [belief windows.reserve_import].
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from piste.engine.converge.errors import Diverged, Misused
from piste.engine.converge.secrets import FINGERPRINT_KEY, Vault
from piste.runs.plans.keys import seal_by
from piste.runs.records.chain import encode
from piste.systems.windows.nps.document import CLIENTS, NETWORK_POLICIES, REQUEST_POLICIES, Document
from piste.systems.windows.nps.server import Server, opened
from piste.trials.restore.method import Answer, Context, Isolation, Steps, Thing

_COUNTED = (
    ("clients RADIUS", CLIENTS),
    ("stratégies de demande de connexion", REQUEST_POLICIES),
    ("stratégies réseau", NETWORK_POLICIES),
)


class Nps(Steps):
    """The method: `own.nps` names the spare server, beside the others of `winrm`."""

    def prepare(self, context: Context) -> Isolation:
        source, spare = context.test["server"] or "", (context.options.get("own") or {}).get("nps")
        how = f"un serveur NPS de réserve ({spare}), que rien n’interroge"
        if not spare:
            return Isolation(how, faults=["aucun serveur NPS de réserve n’est donné (piste_restoring)"])
        if spare.casefold() == source.casefold():
            return Isolation(how, faults=[f"{spare} est en service : un essai n’y remplace rien"])
        with _servers(context, source, spare) as (serving, empty):
            document, blank = serving.document(fresh=True), empty.document(fresh=True)
        faults = []
        if clients := blank.names(CLIENTS):
            faults.append(f"{spare} a {len(clients)} clients RADIUS : il sert déjà, un import l’effacerait")
        if not document.names(CLIENTS):
            faults.append(f"{source} n’a aucun client RADIUS : il n’y a rien à prouver")
        context.kept.update(document=document, blank=blank)
        return Isolation(how, faults=faults)

    def restore(self, context: Context) -> None:
        spare = context.options["own"]["nps"]
        blank = base64.b64encode(context.kept["blank"].to_bytes()).decode()
        context.expect(Thing("nps", spare, {"blank": blank, "restored": _digest(context.kept["document"], context)}))
        with _servers(context, spare) as (server,):
            server.document(fresh=True)
            server.replace(context.kept["document"])

    def probe(self, context: Context) -> Iterator[Answer]:
        wanted: Document = context.kept["document"]
        with _servers(context, context.options["own"]["nps"]) as (server,):
            back = server.document(fresh=True)
        for label, place in _COUNTED:
            expected, seen = wanted.names(place), back.names(place)
            yield Answer(label.capitalize(), f"{len(expected)}, dans leur ordre", str(len(seen)),
                         "conform" if expected == seen else "wrong", seen)  # fmt: skip
        differing = wanted.differences(back)
        yield Answer("Configuration réexportée", "la même, élément par élément", f"{len(differing)} différences",
                     "wrong" if differing else "conform", differing)  # fmt: skip

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        for thing in things:
            _refuse_serving(thing.id, context)
            with _servers(context, thing.id) as (server,):
                # A kill may have left an import half done: it is settled first.
                server.settle(check=False)
                blank, live = _blank(thing), server.document(fresh=True)
                if live.same(blank):
                    continue
                if _digest(live, context) != thing.facts["restored"]:
                    raise Diverged(
                        f"{thing.id} n’a ni sa configuration d’avant l’essai, ni celle qu’il a restaurée : elle reste",
                        why="Quelqu’un y a travaillé depuis.",
                        todo="Si ce serveur ne sert pas, videz-le à la main, puis : piste restore clean.",
                    )
                server.replace(blank)

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        for thing in things:
            with _servers(context, thing.id) as (server,):
                if not server.document(fresh=True).same(_blank(thing)):
                    yield f"la configuration restaurée, sur {thing.id}"


def _refuse_serving(server: str, context: Context) -> None:
    """Refuse to empty a server that is no spare any more: it may serve by what a test left."""
    spare, source = (context.options.get("own") or {}).get("nps"), context.test["server"] or ""
    if server != spare or server.casefold() == source.casefold():
        raise Misused(
            f"{server} n’est plus le serveur NPS de réserve : sa configuration reste",
            todo="S’il ne sert pas, redonnez-le (piste_restoring.nps) ; s’il sert, gardez-le et supprimez l’état de "
            "l’essai (.piste/restores/…/*.open).",
        )  # fmt: skip


def _blank(thing: Thing) -> Document:
    return Document(base64.b64decode(thing.facts["blank"]))


def _digest(document: Document, context: Context) -> str:
    """Digest a configuration under the environment's key: it has the secrets of its clients."""
    return seal_by(context.secrets[FINGERPRINT_KEY], "restore nps", encode(document.flat()))


@contextmanager
def _servers(context: Context, *names: str) -> Iterator[list[Server]]:
    option: Mapping[str, Any] = context.options.get("winrm") or {}
    servers = opened(option, names, Vault(context.secrets))
    try:
        yield servers
    finally:
        for server in servers:
            server.close()
