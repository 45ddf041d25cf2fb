"""Tablets and Macs, by the last table: enrolment, encryption, APNs certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, TypedDict

from pydantic import Field

from piste.engine import tables
from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding, Gravity, State
from piste.engine.tables import Column, Fault, Form
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.edr.kept import Day, Text, name
from piste.readings.table import SUBJECTS
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages

SUBJECT = SUBJECTS["tablets"]
DEVICES = "devices"
SOON = timedelta(days=60)
"""Time before the end of the APNs certificate at which its renewal is asked for."""
STALE = timedelta(days=30)
_RENEW = "Renouvelez-le avec l’identifiant Apple qui l’a créé : par un autre, chaque appareil est à inscrire à nouveau."
_WORDS = {
    **dict.fromkeys(("yes", "oui", "true", "vrai", "1", "enrolled", "inscrit", "encrypted", "chiffré"), True),
    **dict.fromkeys(("no", "non", "false", "faux", "0", "unenrolled", "non inscrit", "non chiffré"), False),
    **dict.fromkeys(("", "unknown", "inconnu"), None),
}


class Device(TypedDict):
    """A tablet or a Mac; null: its console does not say."""

    name: Text
    serial: Text
    system: Text
    enrolled: bool | None
    encrypted: bool | None
    last_seen: Day | None
    apns_until: Day | None


Rows = Annotated[list[Device], Field(max_length=20_000)]


def _whether(said: str) -> bool | None:
    if said.casefold() not in _WORDS:
        raise ValueError(f"« {said[:40]} » n’est ni oui, ni non")
    return _WORDS[said.casefold()]


FORM = Form(
    (
        Column("name", required=True, form=name, titles=("nom", "device name", "appareil")),
        Column("enrolled", required=True, form=_whether, titles=("inscrit", "managed", "géré")),
        Column("encrypted", form=_whether, titles=("chiffré", "filevault", "encryption")),
        Column("last_seen", form=tables.moment_day, titles=("last seen", "vu le", "last check in")),
        Column("serial", titles=("serial number", "numéro de série")),
        Column("system", titles=("os", "système", "os version")),
        Column("apns_until", form=tables.moment_day, titles=("apns", "apns expiration", "fin du certificat apns")),
    ),
    leaves=True,
)


def imported(town: Derived, source: Path) -> tuple[Mapping[str, Any], list[Fault]]:
    """Read the table of a console, and its faults."""
    table = tables.read(source, FORM)
    seen = set[tuple[str, str]]()
    for row in table.rows:
        if (key := (row.values["name"], row.values["serial"])) in seen:
            said = f"« {key[0]} » est là deux fois : donnez leur numéro de série (serial)"
            table.faults.append(Fault(row.line, said, "cell", "name"))
        seen.add(key)
    return {DEVICES: [dict(row.values) for row in table.rows]}, table.faults


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each device, each Mac of the inventory, the APNs certificate."""
    last = store.last(SUBJECT, environment, ages(town)).get(DEVICES)
    macs = {asset["name"]: asset for asset in town.assets if asset["variant"] == "mac"}
    macs = {name: asset for name, asset in macs.items() if asset["state"] == "in_service"}
    if not isinstance(last, Reading):
        if last or (macs and environment != "lab"):
            why = last.why if last else "jamais lus"
            yield Finding(f"{SUBJECT.name}.{DEVICES}", "unknown", f"tablettes et Mac : {why}", SUBJECT.again)
        return
    evidence = f"console, lue le {in_town(last.read_at)}"
    given = {_key(device["name"]): device for device in last.value}
    given |= {_key(device["serial"]): device for device in last.value if device["serial"]}
    sites = {
        id(given.get(_key(mac), given.get(_key(asset["serial"] or "")))): asset["site"] for mac, asset in macs.items()
    }
    names = Counter(device["name"] for device in last.value)
    for device in last.value:
        state, said, todo = _judged(device, last.read_at.date())
        # Many tablets keep the name that their maker gives to all.
        shown = device["name"] if names[device["name"]] == 1 else f"{device['name']} {device['serial']}".strip()
        yield Finding(
            f"{SUBJECT.name}.{shown}", state, f"{shown} : {said}", todo,
            site=sites.get(id(device), ""), evidence=evidence,
        )  # fmt: skip
    for mac, asset in macs.items():
        if _key(mac) not in given and _key(asset["serial"] or "") not in given:
            said = f"{mac} : ce Mac de l’inventaire n’est pas dans la console"
            todo = "Inscrivez-le, ou sortez-le de l’inventaire."
            yield Finding(f"{SUBJECT.name}.{mac}", "wrong", said, todo, site=asset["site"], evidence=evidence)
    ends = sorted(device["apns_until"] for device in last.value if device["apns_until"])
    yield _apns(ends[0] if ends else None, evidence)


def _key(text: str) -> str:
    return text.partition(".")[0].casefold()


def _judged(device: Device, read_on: date) -> tuple[State, str, str]:
    if device["enrolled"] is False:
        return "wrong", "n’est plus inscrit", "Inscrivez-le à nouveau : il ne reçoit plus de réglages."
    if device["encrypted"] is False:
        return "wrong", "n’est pas chiffré", "Imposez le chiffrement par son profil."
    if device["last_seen"] and read_on - date.fromisoformat(device["last_seen"]) > STALE:
        return "wrong", f"muet depuis le {in_town(device['last_seen'], DAY)}", "Retrouvez-le, ou effacez-le à distance."
    untold = [
        word
        for word, value in (("inscription", device["enrolled"]), ("chiffrement", device["encrypted"]))
        if value is None
    ]
    if untold:
        return "unknown", f"la console ne dit pas : {', '.join(untold)}", "Demandez-le à sa console."
    return "ok", "inscrit, chiffré", ""


def _apns(until: str | None, evidence: str) -> Finding:
    """Judge the certificate without which no device is managed any more."""
    id_, what = f"{SUBJECT.name}.apns", "certificat APNs"
    if until is None:
        return Finding(id_, "unknown", f"{what} : sa fin n’est pas dite", "Donnez-la (apns_until).", evidence=evidence)
    left = date.fromisoformat(until) - today()
    state: State = "wrong" if left < SOON else "ok"
    gravity: Gravity = "critical" if left < SOON / 4 else "major"
    said = f"{what} : {'fini depuis' if left < timedelta() else 'finit'} le {in_town(until, DAY)}"
    return Finding(id_, state, said, _RENEW if state == "wrong" else "", gravity=gravity, evidence=evidence, by=until)
