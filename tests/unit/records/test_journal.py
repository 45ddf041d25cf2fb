"""Faults of a journal are found and named; a sound journal reads well."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from piste.runs.records.chain import HEAD, encode, seal, unseal
from piste.runs.records.journal import Finding, UnknownRun, find, in_progress, latest, verify, verify_chain
from piste.runs.records.readable import line, text
from tests.unit.records.made import STEP, chain_of, header, operation, run, task


def faults(root: Path) -> list[tuple[str, str]]:
    return [(finding.file.removeprefix("lab/poste/"), finding.what) for finding in verify(root)]


@pytest.fixture
def three(root: Path) -> list[Path]:
    """Make a chain of three small records; return their files, in order."""
    records = [run(root, number, task("ok", task="Tâche")) for number in (1, 2, 3)]
    return [chain_of(root).folder / f"{record['id']}.json" for record in records]


@pytest.mark.drawn
@pytest.mark.parametrize("name", ["first", "last", HEAD])
def test_every_byte_changed_is_found_and_its_file_named(name: str, root: Path, three: list[Path]) -> None:
    path = {"first": three[0], "last": three[2]}.get(name, three[0].with_name(HEAD))
    raw = path.read_bytes()
    assert len(raw) > 100
    for place in range(0, len(raw), STEP):
        changed = bytes([raw[place] ^ 1 << place % 8])
        path.write_bytes(raw[:place] + changed + raw[place + 1 :])
        fault = verify_chain(chain_of(root))[0]
        assert fault.file == f"lab/poste/{path.name}", (place, fault)
        assert fault.what in ("altered", "unreadable"), (place, fault)
    for other in (raw[:-1], raw + b" ", b"", raw * 2):
        path.write_bytes(other)
        assert faults(root)[0] in ((path.name, "altered"), (path.name, "unreadable"))
    path.write_bytes(raw)
    assert faults(root) == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_record_taken_away_is_found_by_the_next(number: int, root: Path, three: list[Path]) -> None:
    three[number].unlink()
    assert faults(root) == [(three[number + 1].name, "missing")]


def test_the_last_record_taken_away_is_found_by_the_head(root: Path, three: list[Path]) -> None:
    three[2].unlink()
    assert faults(root) == [(three[2].name, "missing")]
    three[1].unlink()
    three[0].unlink()
    assert faults(root) == [(three[2].name, "missing")]


def test_the_head_taken_away_is_found(root: Path, three: list[Path]) -> None:
    three[0].with_name(HEAD).unlink()
    assert faults(root) == [(HEAD, "missing")]


def forged(path: Path, previous: Path, identity: str = header(9)["id"]) -> None:
    """Write a well-sealed record that never happened, in the place after `previous`."""
    record = unseal(path.read_bytes())
    record |= {"id": identity, "previous": unseal(previous.read_bytes())["hash"]}
    (path.parent / f"{identity}.json").write_bytes(encode(seal(record)))


def rewrite_the_second(three: list[Path]) -> None:
    record = unseal(three[1].read_bytes()) | {"user": "paul"}
    three[1].write_bytes(encode(seal(record)))


FOREIGN: dict[str, tuple[Callable[[list[Path]], object], list[tuple[str, str]]]] = {
    "a copy under another name": (
        lambda three: shutil.copy(three[1], three[1].with_name(f"{header(9)['id']}.json")),
        [(f"{header(9)['id']}.json", "foreign")],
    ),
    "a forged record after the end": (
        lambda three: forged(three[2], three[2]),
        [(f"{header(9)['id']}.json", "foreign")],
    ),
    "a forged record in the middle": (
        lambda three: forged(three[1], three[0]),
        [(f"{header(9)['id']}.json", "foreign")],
    ),
    "any other file": (lambda three: three[0].with_name("note.txt").touch(), [("note.txt", "foreign")]),
    "two records under each other's name": (
        lambda three: (
            three[0].rename(three[0].with_name("x")),
            three[1].rename(three[0]),
            three[0].with_name("x").rename(three[1]),
        ),
        [(header(1)["id"] + ".json", "foreign"), (header(2)["id"] + ".json", "foreign")],
    ),
    "a record of another chain": (
        lambda three: shutil.copytree(three[0].parent, three[0].parents[2] / "production" / "poste"),
        [(f"production/poste/{header(n)['id']}.json", "foreign") for n in (1, 2, 3)],
    ),
    "a record rewritten and sealed again": (rewrite_the_second, [(header(3)["id"] + ".json", "missing")]),
    "a file beside the chains": (lambda three: (three[0].parents[2] / "vide").touch(), [("vide", "foreign")]),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_does_not_belong_is_found(case: str, root: Path, three: list[Path]) -> None:
    change, expected = FOREIGN[case]
    change(three)
    assert faults(root) == expected


@pytest.mark.parametrize("text", ["{}", '{"a": 1}', '{"hash": null}'])
@pytest.mark.parametrize("headless", [True, False])
def test_a_record_without_any_link_is_found_and_accuses_no_other(
    headless: bool, text: str, root: Path, three: list[Path]
) -> None:
    damaged = three[0].with_name(f"{header(9)['id']}.json")
    damaged.write_text(text, "utf-8")
    if headless:
        three[0].with_name(HEAD).unlink()
    assert sorted(faults(root)) == sorted([(damaged.name, "altered"), *([(HEAD, "missing")] if headless else [])])
    for path in three:
        path.unlink()
    assert (damaged.name, "altered") in faults(root)


def test_a_finding_says_the_file_and_what() -> None:
    finding = Finding("lab/poste/x.json", "altered", "le contenu n’est plus celui qui a été scellé")
    assert str(finding) == "lab/poste/x.json : altéré, le contenu n’est plus celui qui a été scellé"


def test_runs_are_listed_across_chains_oldest_first(root: Path) -> None:
    run(root, 3)
    run(root, 2, environment="production")
    run(root, 1)
    assert [record["id"] for record in latest(root)] == [header(number)["id"] for number in (1, 2, 3)]
    assert [record["id"] for record in latest(root, last=2)] == [header(number)["id"] for number in (2, 3)]
    assert [record["id"] for record in latest(root, "production")] == [header(2)["id"]]
    assert latest(root / "nowhere") == []


def test_a_run_in_progress_is_known(root: Path) -> None:
    opened = chain_of(root).start(header(1) | {"pid": 7})
    assert in_progress(root) == [header(1)]
    opened.handle.close()


def test_a_run_is_found_by_the_beginning_of_its_name(root: Path) -> None:
    first = run(root, 1)
    run(root, 2)
    assert find(root, first["id"]) == first
    assert find(root, "20261124T000001") == first
    with pytest.raises(UnknownRun, match=r"« 20261124 » : plusieurs exécutions commencent ainsi : \S+, \S+\. "):
        find(root, "20261124")
    with pytest.raises(UnknownRun, match="« head » : aucune exécution de ce nom"):
        find(root, "head")


def test_a_run_reads_by_site_module_and_object(root: Path) -> None:
    secret = {"secret": "meraki/ssid/VLB-Agents/psk", "fingerprint": "0123456789abcdef"}
    operations = [
        operation(
            fields=["enabled", "psk"], content={"before": {"enabled": False}, "after": {"enabled": True, "psk": secret}}
        ),
        operation("b\x1b[2J", action="create", fields=["name"], content={"before": None, "after": {"name": "é"}}),
        operation("c", action="delete", fields=["name"], content={"before": {"name": "c"}, "after": None}),
    ]
    failed = task(
        "failed", host="ccas", kind="unknown", code="PISTE-E010", message="PISTE-E010 pas de réponse.\nReliez-le."
    )
    record = run(root, 1, task(operations=operations, withheld=["ssid X : secret absent"]), failed)
    assert list(text(record)) == [
        "Exécution 20261124T000001Z-000001 : sans réponse (+1 ~1 -1 ?1)",
        "  environnement   lab, depuis poste",
        "  par             marie",
        "  du              24/11/2026 à 11:00 au 24/11/2026 à 11:01",
        "  commande        ansible-playbook playbooks/site.yml",
        "  mode            réel",
        "  dépôt           cccccccccccccccccccccccccccccccccccccccc",
        "  déclaration     dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "  limité à        ecole-jaures",
        "  appels          6 lectures, 1 écriture",
        "",
        "ccas",
        "  meraki_ssids : en échec (Converger les SSID)",
        "    ! PISTE-E010 pas de réponse.",
        "    ! Reliez-le.",
        "",
        "ecole-jaures",
        "  meraki_ssids : modifié (Converger les SSID)",
        "    ~ ssid VLB-Agents",
        "        actif : non → oui",
        "        clé partagée : secret posé",
        "    + ssid b\\u001B[2J",
        "        nom : é",
        "    - ssid c",
        "    ? ssid X : secret absent",
    ]
    assert line(record) == (
        "20261124T000001Z-000001  lab/poste            marie      réel   sans réponse    +1 ~1 -1 ?1      ecole-jaures"
    )


def test_a_verification_takes_no_more_memory_for_more_records(root: Path) -> None:
    large = operation(content={"before": None, "after": {"note": "é" * 200_000}})
    peaks = []
    for numbers in (range(1, 3), range(3, 20)):
        for number in numbers:
            run(root, number, task(operations=[large]))
        tracemalloc.start()
        assert verify(root) == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
