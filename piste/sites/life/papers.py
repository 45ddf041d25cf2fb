"""The papers of the life of the assets, from their history and the verifications."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Missing
from piste.papers.dossier import notation
from piste.papers.dossier.life.delivery import Delivery, Received
from piste.papers.dossier.life.erasure import Erasure
from piste.papers.dossier.life.lot import FITNESS, MILESTONE, VERDICTS, LotMachine, LotRecord
from piste.papers.dossier.life.paper import Paper, folder_of, reference_of
from piste.papers.dossier.life.parity import MacParityTable
from piste.papers.dossier.verification_record import Test, Verdict, Verification, latest
from piste.sites.life.changes import Refused, named, of_asset
from piste.sites.living.network import UP
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES, STATES
from piste.town.model.assets.derived import Asset
from piste.town.model.life.actions import stores
from piste.town.model.life.history import Event, orders
from piste.town.model.lots.derived import DerivedLot
from piste.town.model.placeholder import is_empty, is_placeholder
from piste.town.model.wording import choose, closest

PORTS = "living.ports"
"""The test of a verification whose evidence has the ports of a site."""


@dataclass(slots=True)
class Verified:
    """The last verification of each site that was asked for."""

    folder: Path
    known: dict[str, tuple[Verification, Path] | None] = field(default_factory=dict)

    def of(self, site: str) -> tuple[Verification, Path] | None:
        if site not in self.known:
            self.known[site] = latest(self.folder, site)
        return self.known[site]

    def test(self, site: str, id_: str) -> Test | None:
        record = self.of(site)
        return next((test for test in record[0].tests if test.id == id_), None) if record else None

    def ports(self, site: str) -> Mapping[str, Any]:
        """Give the ports that the last verification of a site saw, by `<switch>/<port>`."""
        test, record = self.test(site, PORTS), self.of(site)
        if test and record and test.evidence:
            with suppress(OSError, ValueError, KeyError, TypeError):
                ports = json.loads((record[1] / test.evidence[0].file).read_bytes())["ports"]
                return ports if isinstance(ports, dict) else {}
        return {}

    @property
    def observed(self) -> str | None:
        """The end of the last of these verifications."""
        return max((record[0].ended for record in self.known.values() if record), default=None)

    def files(self, tests: Sequence[Test]) -> tuple[Path, ...]:
        """Locate the evidence that tests quote."""
        wanted = {(proof.file, proof.sha256) for test in tests for proof in test.evidence}
        return tuple(
            dict.fromkeys(
                record[1] / proof.file
                for record in self.known.values()
                if record
                for test in record[0].tests
                for proof in test.evidence
                if (proof.file, proof.sha256) in wanted
            )
        )


def erasure(town: Town, name: str) -> Paper[Erasure]:
    """Gather the certificate of the last erasure of an asset. Raises `Missing` for none."""
    asset = named(town, name)
    events = of_asset(town, asset["name"])
    ranks = [rank for rank, event in enumerate(events) if event.action == "erase"]
    if not ranks:
        raise Missing(f"Aucun effacement de {asset['name']} n’est inscrit", todo="piste asset erase l’inscrit.")
    event = events[ranks[-1]]
    assert event.serial
    assert event.method
    assert event.sha256
    record = Erasure(
        id=f"CE-{asset['name']}-{event.date.replace('-', '')}",
        asset=asset["name"],
        label=CLASSES[asset["kind"]].label,
        serial=event.serial,
        maker=asset["maker"],
        model=asset["model"],
        site=site_name(town, event.site or asset["site"]),
        before=event.assigned_to,
        data=stores(asset["kind"], asset["variant"]),
        method=event.method,
        erased_on=event.date,
        role=event.role,
        reference=event.reference,
        evidence=event.evidence,
        sha256=event.sha256,
    )
    return Paper(record, asset["name"], f"{asset['name']} ({event.serial})", "CCTP 3.4.1", town.name)


def delivery(town: Town, order: str, verified: Verified) -> Paper[Delivery]:
    """Gather the PV of a delivery. Raises `Missing` for an unknown order."""
    events = [event for event in town.history if event.action == "receive" and event.reference == order]
    if not events:
        raise Missing(f"Aucune réception « {order} » n’est inscrite", todo=closest(order, orders(town.history)))
    assets = {asset["name"]: asset for asset in town.assets}
    received = [(event, assets[event.asset]) for event in events if event.asset in assets]
    items = [_received(town, event, asset) for event, asset in received]
    tests = [test for event, asset in received for test in _installation(town, event, asset, verified)]
    days = [event.date for event in events]
    record = Delivery(
        id=f"PV-REC-{order}",
        reference=order,
        contracts=sorted({_contract(town, asset["contract"]) for _, asset in received if asset["contract"]}),
        roles=list(dict.fromkeys(event.role for event in events)),
        first_day=min(days),
        last_day=max(days),
        assets=items,
        tests=tests,
        reserves=[f"{event.asset} n’est plus à l’inventaire" for event in events if event.asset not in assets],
        checklist=_entry(town) if any(asset["kind"] == "computer" for _, asset in received) else [],
    )
    files = verified.files(tests)
    return Paper(record, folder_of(order), order, "CCTP 3.4.1", town.name, None, verified.observed, files)


def _entry(town: Town) -> list[str]:
    """Write the steps of a new computer."""
    steps = town.commune["computer_steps"] if town.commune else []
    return [f"{step['what']} ({step['who']})" for step in steps if step["phase"] == "entry"]


def _received(town: Town, event: Event, asset: Asset) -> Received:
    events = of_asset(town, asset["name"])
    return Received(
        asset=asset["name"],
        label=_label(asset),
        serial=asset["serial"],
        model=asset["model"],
        received_on=event.date,
        site=site_name(town, asset["site"]),
        place=asset["place"],
        assigned_to=asset["assigned_to"],
        port=_port(events),
        labelled=any(known.labelled for known in events),
        state=STATES[asset["state"]],
        warranty_until=asset["warranty_until"],
    )


def _contract(town: Town, name: str) -> str:
    """Name a contract and its supplier."""
    listed = {entry["id"]: entry for entry in town.commune["contracts"]} if town.commune else {}
    return f"{listed[name]['label']} ({listed[name]['supplier']})" if name in listed else name


def _label(asset: Asset) -> str:
    entry = CLASSES[asset["kind"]]
    return entry.variants.get(asset["variant"] or "", entry.label)


def _port(events: Sequence[Event]) -> str | None:
    """Give the port where an asset was plugged last; a move without a port unplugs it."""
    for event in reversed(events):
        if event.action in ("assign", "move", "reuse", "exit"):
            return event.port
    return None


def _installation(town: Town, event: Event, asset: Asset, verified: Verified) -> Iterator[Test]:
    """Judge the reception, the installation, the label and the port of an asset (R040)."""
    name, events = asset["name"], of_asset(town, asset["name"])
    key = "".join(character for character in name.casefold() if character.isascii() and character.isalnum())
    serial = asset["serial"] or ""
    same = bool(serial) and serial == event.serial
    yield _test(
        f"received.{key}", "Réception", f"{name} : reçu", f"série {event.serial}", f"série {serial or 'absente'}",
        "conform" if same and not is_placeholder(serial) else "wrong",
    )  # fmt: skip
    placed = asset["state"] == "in_service" and bool(asset["assigned_to"]) and bool(asset["place"])
    observed = f"{STATES[asset['state']]}, {asset['place'] or 'sans lieu'}, {asset['assigned_to'] or 'sans service'}"
    yield _test(
        f"installed.{key}", "Installation", f"{name} : en service, à un lieu, pour un service",
        "en service, lieu et affectation inscrits", observed, "conform" if placed else "wrong",
    )  # fmt: skip
    labelled = any(known.labelled for known in events)
    yield _test(
        f"labelled.{key}", "Étiquetage", f"{name} : étiqueté", "étiquette posée", "posée" if labelled else "",
        "conform" if labelled else "untested", "" if labelled else "personne n’a dit l’étiquette posée",
    )  # fmt: skip
    yield _port_test(f"port.{key}", asset, _port(events), _plugged_on(events), verified)


def _plugged_on(events: Sequence[Event]) -> str:
    return max((event.date for event in events if event.port), default="")


def _port_test(id_: str, asset: Asset, port: str | None, since: str, verified: Verified) -> Test:
    """Judge the port of an asset as the last verification of its site saw it."""
    title, expected = f"{asset['name']} : son port", "lien en service, sans erreur"
    if port is None:
        why = "son port n’est pas inscrit"
        return _test(id_, "Raccordement", title, expected, "", "untested", why)
    record = verified.of(asset["site"])
    if record is None or record[0].ended[:10] < since:
        why = f"le site n’a pas été vérifié depuis le {notation.day(since)} (piste verify {asset['site']})"
        return _test(id_, "Raccordement", title, expected, "", "untested", why)
    live, test = verified.ports(asset["site"]).get(port), verified.test(asset["site"], PORTS)
    proof = list(test.evidence) if test else []
    if not isinstance(live, dict):
        return _test(id_, "Raccordement", title, expected, f"{port} : pas lu", "unknown", evidence=proof)
    faults = [str(fault) for part in ("errors", "warnings") for fault in live.get(part) or ()]
    if live.get("status") != UP:
        faults.insert(0, "sans lien")
    observed = f"{port} : {', '.join(faults) or _speed(live.get('speed_mbps'))}"
    return _test(id_, "Raccordement", title, expected, observed, "wrong" if faults else "conform", evidence=proof)


def _speed(mbps: object) -> str:
    known = notation.rate(mbps) if isinstance(mbps, int) else None
    return f"en service, {known}" if known else "en service"


def _test(
    id_: str, domain: str, title: str, expected: str, observed: str, verdict: Verdict, reason: str = "",
    evidence: Sequence[Any] = (), requirements: Sequence[str] = ("R040",),
) -> Test:  # fmt: skip
    return Test(
        id=id_, domain=domain, title=title, requirements=list(requirements), expected=expected, observed=observed,
        verdict=verdict, reason=reason, evidence=list(evidence),
    )  # fmt: skip


def lot(town: Town, name: str, verified: Verified) -> Paper[LotRecord]:
    """Gather the PV of a lot. Raises `Missing`; `Refused` without a favourable study."""
    lots = {entry["id"]: entry for entry in town.commune["thin_client_lots"]} if town.commune else {}
    chosen = choose(name, lots, "n’est pas un lot de clients légers")
    study = chosen["study"]
    if study is None or chosen["state"] == "refused":
        why = "il n’a pas d’étude de compatibilité" if study is None else "son étude a un avis défavorable"
        todo = "Écrivez son étude (thin_client_lots, study) : applications, stockage, IOPS."
        raise Refused(f"Le lot {name} n’a pas de PV : {why}", todo=todo)
    assets = {asset["name"]: asset for asset in town.assets}
    machines = [assets[machine] for machine in chosen["thin_clients"] if machine in assets]
    lost = [machine for machine in (*chosen["thin_clients"], *chosen["replaces"]) if machine not in assets]
    site = town.sites[chosen["site"]]
    tests = [*_study_tests(chosen), *_machine_tests(machines, chosen["site"]), *_site_tests(chosen["site"], verified)]
    record = LotRecord(
        id=f"PV-TC-{name}",
        milestone=MILESTONE,
        site_name=f"{site['name']} (CCTP {site['cctp']})",
        lot=chosen,
        machines=[_machine(asset) for asset in machines],
        replaced=[_machine(assets[machine]) for machine in chosen["replaces"] if machine in assets],
        tests=tests,
        reserves=[*study["reserves"], *(f"{machine} n’est pas à l’inventaire" for machine in lost)],
    )
    files = verified.files(tests)
    title = f"{chosen['id']}, {site['name']}"
    return Paper(record, name, title, chosen["label"], town.name, reference_of(site), verified.observed, files)


def _machine(asset: Asset) -> LotMachine:
    return LotMachine(
        name=asset["name"], serial=asset["serial"], model=asset["model"], place=asset["place"],
        assigned_to=asset["assigned_to"], state=STATES[asset["state"]], status=asset["status"],
    )  # fmt: skip


_LOT = ("R013", "R072")


def _study_tests(chosen: DerivedLot) -> Iterator[Test]:
    study = chosen["study"]
    assert study is not None
    for index, entry in enumerate(study["applications"], 1):
        verdict: Verdict = "wrong" if entry["fitness"] == "incompatible" else "conform"
        observed = FITNESS[entry["fitness"]] + (f" : {entry['note']}" if entry["note"] else "")
        yield _test(f"study.application.{index}", "Étude", entry["name"], "marche sur un client léger", observed,
                    verdict, requirements=_LOT)  # fmt: skip
    for id_, title, needed, available, unit in (
        ("study.storage", "Stockage", study["storage_gib"], study["storage_available_gib"], "Gio"),
        ("study.iops", "IOPS", study["iops"], study["iops_available"], "op/s"),
    ):
        yield _test(
            id_, "Étude", title, f"au moins {notation.measure(needed, unit)}", notation.measure(available, unit),
            "conform" if needed <= available else "wrong", requirements=_LOT,
        )  # fmt: skip
    observed = f"{VERDICTS[study['verdict']]}, le {notation.day(study['made_on'])}"
    yield _test("study.verdict", "Étude", "Avis avant le déploiement", "favorable", observed,
                "conform" if study["verdict"] != "unfavourable" else "wrong", requirements=_LOT)  # fmt: skip


def _machine_tests(machines: Sequence[Asset], site: str) -> Iterator[Test]:
    for index, asset in enumerate(machines, 1):
        lacks = [
            label
            for column, label in (("serial", "série"), ("assigned_to", "affectation"), ("end_of_life", "fin de vie"))
            if is_empty(asset[column]) or is_placeholder(asset[column])  # type: ignore[literal-required]
        ]
        if asset["state"] != "in_service" or asset["site"] != site:
            lacks.insert(0, f"son statut ({STATES[asset['state']]} à {asset['site']})")
        observed = f"à corriger : {', '.join(lacks)}" if lacks else "tout est inscrit"
        yield _test(
            f"machine.{index}", "Inventaire", asset["name"], "en service au site, attributs remplis", observed,
            "wrong" if lacks else "conform", requirements=_LOT,
        )  # fmt: skip


_QUOTED = ("network.ports", PORTS, "access.wired", "untried.supervision", "services")
"""The tests of a verification that a PV of a lot quotes: ports, admission, supervision, applications."""


def _site_tests(site: str, verified: Verified) -> Iterator[Test]:
    quoted = [test for id_ in _QUOTED if (test := verified.test(site, id_))]
    for test in quoted:
        yield test.model_copy(update={"requirements": list(dict.fromkeys([*test.requirements, *_LOT]))})
    if not quoted:
        yield _test("site.verification", "Réseau", "Vérification du site", "faite", "", "untested",
                    f"aucune vérification du site (piste verify {site})", requirements=_LOT)  # fmt: skip
    yield _test("session.opened", "Applications", "Une session s’ouvre du client léger (VDI)", "ouverte", "",
                "untested", "à essayer à la main, avec un utilisateur du site", requirements=_LOT)  # fmt: skip


def parity(town: Town) -> Paper[MacParityTable]:
    """Gather the table of parity of the Macs."""
    used = [asset for asset in town.assets if asset["variant"] == "mac" and asset["state"] == "in_service"]
    macs = Counter(asset["site"] for asset in used)
    needs = town.commune["mac_parity"] if town.commune else []
    record = MacParityTable(macs={site_name(town, site): count for site, count in macs.items()}, needs=needs)
    return Paper(record, "parite-mac", town.name, "CCTP 3.5.2.3 et 4.3.3", town.name)


def site_name(town: Town, site: str) -> str:
    return town.sites[site]["name"] if site in town.sites else town.name
