"""Values that the supervision receives: runs, drift, ends of certificates."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from lab.declared import declared_town
from piste.readings.belief import Reading, Unread
from piste.readings.certificates.kept import NOTHING, Certificates
from piste.sites.pushed import values

DRIFT = ["ansible-playbook", "playbooks/drift.yml"]


def record(outcome: str = "changes", number: int = 0, *, hour: int = 8, **given: Any) -> dict[str, Any]:
    operation = {"label": "Un nom", "content": {"after": {"key": "un-secret"}}}
    return {
        "check": False,
        "command": ["ansible-playbook", "playbooks/site.yml"],
        "ended": f"2026-11-27T{hour:02}:00:00+00:00",
        "outcome": outcome,
        "tasks": [{"operations": [operation] * number}],
        **given,
    }


def said(*records: dict[str, Any], readings: Certificates = NOTHING) -> dict[str, int]:
    pushed = values(declared_town().commune, records, readings)
    assert "secret" not in json.dumps(pushed)
    return {f"{value['host']} {value['key']}": value["value"] for value in pushed}


def test_the_newest_run_and_the_newest_drift_speak() -> None:
    drift = record(number=4, hour=6, check=True, command=DRIFT)
    assert said(record("error", 2), drift, record("ok", 9, hour=5), {**drift, "tasks": []}) == {
        "piste piste.run.outcome": 1,
        "piste piste.run.count": 2,
        "piste piste.drift.outcome": 0,
        "piste piste.drift.count": 4,
    }
    [first, *_] = values(declared_town().commune, [record()], NOTHING)
    assert first["clock"] == int(datetime.fromisoformat("2026-11-27T08:00:00+00:00").timestamp())


def test_a_plan_says_nothing_and_a_drift_that_read_part_of_it_has_no_count() -> None:
    assert said(record(check=True, number=3)) == {}
    assert said(record("unknown", check=True, command=DRIFT)) == {"piste piste.drift.outcome": 3}
    assert said(record("ok", check=True, command=DRIFT, tags=["network"])) == {}
    assert said(record("killed"))["piste piste.run.outcome"] == 5


def test_a_certificate_that_was_read_has_its_end_and_its_faults() -> None:
    facts: Any = {
        "common_name": "x", "issuer": "x", "names": ["autre.example"], "not_before": "2026-01-01T00:00:00+00:00",
        "not_after": "2027-01-01T00:00:00+00:00", "key_kind": "RSA", "key_bits": 1024, "signature": "sha256",
        "fingerprint": "", "trusted": True, "why": "",
    }  # fmt: skip
    at = datetime.fromisoformat("2026-11-27T08:00:00+00:00")
    read = {"vpn-agents": Reading(facts, at), "radius-nps1": Reading(facts, at), "annuaire-dc1": Unread("muet", at)}
    pushed = said(readings=Certificates(read))
    assert pushed["certificat-vpn-agents piste.certificate.not_after"] == 1798761600
    assert pushed["certificat-vpn-agents piste.certificate.faults"] >= 2
    assert len(pushed) == 2
