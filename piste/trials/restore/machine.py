"""A machine from the cluster's copies: restored where it reaches nothing, asked, removed.

The hypervisor sees a machine that runs, not its services: these answer only a witness, a machine that has a card on the
isolated network and runs the test (`piste_restoring.machine.witness`).
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from piste.engine.converge.errors import Missing, Misused, Rejected
from piste.papers.dossier.notation import measure
from piste.readings.protection.copies import Copy
from piste.systems.nutanix.copies import points
from piste.systems.nutanix.prism import Prism, says_reused
from piste.systems.nutanix.restore import Copied, Place, Restorer, made, seconds
from piste.systems.nutanix.tasks import FailedTask
from piste.systems.nutanix.trial_machine import Trial, addresses, description
from piste.trials.restore.method import Answer, Context, Isolation, Thing

PATIENCE = 300.0
"""Seconds that a system may take to give a sign of itself."""
STAYS = timedelta(hours=4)
"""Time for which a machine of a test may stay; its description says when that ends."""
SKEW = 120.0
"""Seconds by which two clocks of the system may differ."""
_REQUEST, _MACHINE = "prism_restore", "prism_vm"
_CATEGORY = "Essai:restauration"


class Machine:
    """The method: the newest copy of the machine that the cluster has."""

    def prepare(self, context: Context) -> Isolation:
        restorer = self._restorer(context)
        faults = [*restorer.faults()]
        how = "" if faults else restorer.how()
        copy, copied = self._newest(context, restorer)
        if copied is None:
            return Isolation(how, None, [*faults, f"la grappe n’a aucune copie de {context.test['set']}"])
        return Isolation(how, copy, [*faults, *restorer.lacking(copied)])

    def restore(self, context: Context) -> None:
        restorer = self._restorer(context)
        copied = self._chosen(context, restorer)
        until = (context.now() + STAYS).strftime("%Y-%m-%dT%H:%MZ")
        request, name = str(uuid.uuid4()), f"essai-{copied.name}-{context.now():%Y%m%d%H%M}"
        facts = {"point": copied.point, "machine": copied.machine, "source": copied.source, "of": copied.name}
        facts["since"] = str(restorer.prism.now() - SKEW)
        thing = context.expect(Thing(_REQUEST, request, {**facts, "name": name, "until": until}))
        task = restorer.restored(copied, name, until, request)
        context.kept |= {"task": task, "name": name}
        for ext_id in made(task):
            context.expect(Thing(_MACHINE, ext_id, thing.facts))
        (ext_id,) = made(task) or restorer.named(name)
        context.kept["id"] = ext_id
        restorer.isolate(ext_id, name, description(copied.name, thing.facts["until"]))

    def start(self, context: Context) -> None:
        self._restorer(context).start(context.kept["id"], context.kept["name"])

    def wait(self, context: Context) -> None:
        patience = float(self._own(context).get("patience") or PATIENCE)
        context.kept["machine"] = self._restorer(context).sign(context.kept["id"], context.kept["name"], patience)

    def probe(self, context: Context) -> Iterator[Answer]:
        machine, task = context.kept["machine"], context.kept["task"]
        learned = addresses(machine)
        spent = seconds(task)
        yield Answer(
            "Système démarré",
            "une adresse annoncée sur le réseau isolé, ou les outils de la machine",
            ", ".join(learned) or "les outils de la machine répondent",
            "conform",
            {"addresses": learned, "machine": machine["extId"], "power": machine["powerState"]},
        )
        yield Answer(
            "Durée de la restauration, à l’horloge de Prism Central",
            "mesurée",
            "inconnue" if spent is None else str(measure(spent, "s", 1)),
            "unknown" if spent is None else "conform",
            {name: task.get(name) for name in ("extId", "createdTime", "completedTime")},
        )
        faults = [*self._restorer(context).faults()]
        observed = " ; ".join(faults) or "seule sur son réseau"
        yield Answer("Isolée du début à la fin", "seule sur son réseau", observed, "wrong" if faults else "conform")
        shared = self._restorer(context).elsewhere(context.kept["id"]) & {*learned} if context.test["probes"] else set()
        for entry in context.test["probes"]:
            yield self._port(context, entry["tcp"], entry["label"] or "", learned, shared)

    def _port(self, context: Context, port: int, label: str, learned: Sequence[str], shared: Set[str]) -> Answer:
        """Ask a port from the witness; without it nobody can: nothing reaches the network.

        A machine of a fixed address comes back with it: the machine in service would answer.
        """
        title = f"{label} (tcp/{port})" if label else f"tcp/{port}"
        if not self._own(context).get("witness"):
            observed = "non sondé : rien ne joint ce réseau, aucun témoin n’y est (piste_restoring.machine.witness)"
            return Answer(title, "le port s’ouvre", observed, "unknown")
        if shared:
            observed = f"non sondé : {', '.join(sorted(shared))} est aussi l’adresse d’une machine en service"
            return Answer(title, "le port s’ouvre", observed, "unknown")
        for address in learned:
            try:
                with socket.create_connection((address, port), timeout=5):
                    return Answer(title, "le port s’ouvre", f"ouvert à {address}", "conform", {"address": address})
            except OSError:
                continue
        return Answer(title, "le port s’ouvre", f"fermé à {', '.join(learned) or 'toute adresse'}", "wrong")

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        restorer = self._restorer(context)
        for thing in things:
            if thing.kind == _MACHINE:
                restorer.remove(thing.id, _trial(thing))
        known = {thing.facts["name"] for thing in things if thing.kind == _MACHINE}
        for thing in things:
            if thing.kind == _REQUEST and thing.facts["name"] not in known:
                for ext_id in self._asked(restorer, thing):
                    restorer.remove(ext_id, _trial(thing))

    def _asked(self, restorer: Restorer, thing: Thing) -> list[str]:
        """Ids of the machines of a request whose answer nobody has read.

        It is asked again under its own id: the system answers with the task that it has. Had it never come, the machine
        that comes now is off, and removed.
        """
        if ids := restorer.named(thing.facts["name"]):
            return ids
        facts = thing.facts
        copied = Copied(facts["point"], facts["machine"], facts["source"], facts["of"])
        try:
            return made(restorer.restored(copied, facts["name"], facts["until"], thing.id))
        except (FailedTask, Missing):
            return []
        except Rejected as refusal:
            # The system has the request, and does not say what came of it.
            if says_reused(refusal):
                return restorer.named(facts["name"])
            raise

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        restorer = self._restorer(context)
        ids = {thing.id for thing in things if thing.kind == _MACHINE}
        ids |= {ext_id for thing in things for ext_id in restorer.named(thing.facts.get("name", ""))}
        yield from (f"la machine {ext_id}" for ext_id in sorted(ids) if restorer.there(ext_id))

    # what is given

    def _own(self, context: Context) -> Mapping[str, Any]:
        own: Mapping[str, Any] = (context.options.get("own") or {}).get("machine") or {}
        return own

    def _restorer(self, context: Context) -> Restorer:
        """Make the restorer of a test, once. Raises `Misused`."""
        if "restorer" not in context.kept:
            place = self._place(context)
            context.kept["restorer"] = Restorer(Prism(context.options["prism"]), place)
        restorer: Restorer = context.kept["restorer"]
        return restorer

    def _place(self, context: Context) -> Place:
        hosting = context.options.get("hosting") or {}
        named = {network["name"]: network for network in hosting.get("isolated") or ()}
        network = named.get(context.test["network"] or "")
        if network is None or "prism" not in context.options:
            raise Misused(
                f"l’essai {context.test['name']} nomme un réseau isolé que rien ne déclare, {context.test['network']}",
                todo="Déclarez-le (hosting.isolated), et dites où est Prism Central (piste_prism).",
            )
        return Place(
            cluster=hosting["cluster"], network=network["name"], vlan=network["vlan"],
            virtual_switch=network["virtual_switch"], category=_CATEGORY,
            cvm_bytes=(hosting.get("cvm_memory_gib") or 0) << 30,
            witness=str(self._own(context).get("witness") or ""),
            declared=frozenset([*(machine["name"] for machine in hosting.get("machines") or ()),
                                *(hosting.get("retired") or ())]),
        )  # fmt: skip

    def _newest(self, context: Context, restorer: Restorer) -> tuple[Copy | None, Copied | None]:
        """Give the newest copy that the system has now; readings may not know it yet."""
        name = context.test["set"] or ""
        known: list[tuple[datetime, Copy, Copied]] = []
        for point, machine in points(restorer.prism, restorer.place.cluster):
            if restorer.name_of(machine) != name:
                continue
            taken = datetime.fromisoformat(point["creationTime"])
            copy = Copy(
                set=name, store=context.test["store"] or "prism", taken_at=f"{taken:%Y-%m-%dT%H:%M:%SZ}",
                size_bytes=None, id=point["extId"], immutable_until=None,
                state="complete" if point.get("status") == "COMPLETE" else "unknown",
            )  # fmt: skip
            known.append((taken, copy, Copied(point["extId"], machine["extId"], machine["vmExtId"], name)))
        if not known:
            return None, None
        _, copy, copied = max(known, key=lambda entry: entry[0])
        return copy, copied

    def _chosen(self, context: Context, restorer: Restorer) -> Copied:
        """Give the copy that was judged: no newer copy takes its place meanwhile."""
        for point, machine in points(restorer.prism, restorer.place.cluster):
            if point["extId"] == context.kept["copy"]["id"] and restorer.name_of(machine) == context.test["set"]:
                return Copied(point["extId"], machine["extId"], machine["vmExtId"], context.test["set"] or "")
        raise Misused("la copie choisie n’existe plus", todo="Relancez l’essai : il en choisira une autre.")


def _trial(thing: Thing) -> Trial:
    facts = thing.facts
    said = description(facts["of"], facts["until"])
    return Trial(facts["name"], said, facts["of"], facts["source"], float(facts["since"]))
