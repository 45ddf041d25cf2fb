"""A plan file: read whole or refused, and compared with the world of now."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Missing
from piste.runs.plans import form, keys, saved
from piste.runs.plans.play import Order, Played
from tests.unit.plans.plans import operation, plan
from tests.unit.repository.tree import ROOT


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setattr(saved, "commit", lambda: ("c0ffee", True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")
    return tmp_path / "plans"


def test_a_plan_is_found_by_its_id_and_by_its_file(plans: Path, tmp_path: Path) -> None:
    made = plan(operation())
    assert re.fullmatch(r"20261124T120000Z-[0-9a-f]{6}", made["id"])
    assert saved.write(made) == plans / f"{made['id']}.json"
    assert saved.read(made["id"]) == saved.sealed(made)
    other = tmp_path / "plan sans suffixe"
    saved.write(made, other)
    assert saved.read(str(other)) == saved.sealed(made)
    assert saved.order_of(made) == Order("playbooks/site.yml", "lab", "ecole-jaures", {})


def test_a_drift_of_a_domain_stays_one_of_that_domain() -> None:
    order = Order("playbooks/drift.yml", "lab", "ecole-jaures", tags="network")
    made = saved.make(order, Played(operations=[operation()]))
    saved.write(made)
    assert saved.order_of(saved.read(made["id"])) == order
    assert "tags" not in plan(operation())
    sealed = saved.sealed(made)
    assert form.faults(sealed) == []
    assert form.faults({**sealed, "tags": "network,{{ x }}"}) == ["tags : ce n’est pas ce qui y est attendu"]
    assert form.faults({**sealed, "playbook": "playbooks/site.yml"}) == [
        "tags : un plan de playbooks/site.yml n’en porte pas"
    ]
    assert saved.known() == [made["id"]]


@pytest.mark.parametrize(
    ("made_for", "after", "applied_to", "domains"),
    [
        ("", {}, "ecole-jaures", "network"),
        ("", {"access_policy": "agents"}, "commune,ecole-jaures", "directory,access,network"),
        ("commune,ecole", {"access_policy": "agents"}, "commune,ecole-jaures", "directory,access,network"),
        ("ecole", {"access_policy": "agents"}, "ecole-jaures", "directory,access,network"),
    ],
)
def test_a_plan_is_applied_to_the_owners_of_its_operations_and_with_what_admits_their_devices(
    made_for: str, after: dict[str, Any], applied_to: str, domains: str
) -> None:
    made = {**plan(operation(kind="switch_port", **after)), "limit": made_for}
    order = saved.narrowed(made)
    assert (order.limit, order.tags) == (applied_to, domains)


def test_only_its_owner_reads_a_plan() -> None:
    path = saved.write(plan(operation()))
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def no_room(*paths: Path) -> None:
    raise OSError(28, "No space left on device")


def test_a_plan_takes_the_place_of_a_file_whole_and_its_rights_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    path.write_text("avant")
    path.chmod(0o644)
    with monkeypatch.context() as full:
        full.setattr(os, "replace", no_room)
        with pytest.raises(OSError, match="No space"):
            saved.write(plan(operation()), path)
        assert path.read_text() == "avant"
    saved.write(plan(operation()), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_byte_changed_anywhere_is_refused(tmp_path: Path) -> None:
    """Replace each byte of the file in turn by another byte, and by none."""
    path = saved.write(plan(operation(), withheld=["école : à revoir"]), tmp_path / "plan.json")
    whole = path.read_bytes()
    accepted = []
    for at in range(len(whole)):
        for changed in (bytes([whole[at] ^ 1]), b""):
            path.write_bytes(whole[:at] + changed + whole[at + 1 :])
            try:
                saved.read(str(path))
            except saved.StalePlan:
                continue
            accepted.append((at, changed))
    assert accepted == []
    path.write_bytes(whole)
    assert saved.read(str(path))["withheld"] == ["école : à revoir"]


DEEP = "[" * 200_000


@pytest.mark.parametrize(
    "content",
    ["[]", "{}", "null", "3", '"x"', "", "\xff", '{"format": 1}', '{"format": 2}', DEEP, '{"format": NaN}', "1" * 5000],
)
def test_a_file_that_is_no_plan_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(saved.StalePlan):
        saved.read(str(path))


@pytest.mark.parametrize("kind", ["pipe", "folder", "long"])
def test_what_is_no_plain_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(1 << 40)
    with pytest.raises(saved.StalePlan, match="illisible"):
        saved.read(str(path))


def kept_anew(plan: dict[str, Any], path: Path, **changes: Any) -> str:
    """Seal a changed plan with what anybody has: no key, or a key of their own."""
    bare = {name: value for name, value in {**plan, **changes}.items() if name != "seal"}
    saved.write_json({**bare, "seal": hmac.new(b"mine", saved._canonical(bare), "sha256").hexdigest()}, path)
    return str(path)


def test_a_plan_of_the_former_format_which_anybody_could_seal_is_refused_and_nothing_of_it_runs(tmp_path: Path) -> None:
    """The playbook is the forger's own; the digest is right."""
    made = {**plan(operation()), "format": 1, "playbook": str(tmp_path / "mine.yml")}
    digest = hashlib.sha256(json.dumps(made, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    path = tmp_path / "forgé.json"
    saved.write_json({**made, "id": f"{made['id']}-{digest[:6]}", "digest": digest}, path)
    with pytest.raises(saved.StalePlan, match="d’une version de Piste qui ne les scellait pas par une clé"):
        saved.read(str(path))


def test_a_plan_that_is_right_in_all_but_its_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(saved.StalePlan, match="Son sceau n’est pas celui de la clé de « lab »"):
        saved.read(kept_anew(plan(operation()), tmp_path / "forgé.json"))


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"playbook": "playbooks/../../mine.yml"}, "playbook"),
        ({"playbook": "playbooks/withdraw.yml"}, "extra.leaver"),
        ({"playbook": "playbooks/site.yml\n"}, "playbook"),
        ({"environment": "../ailleurs"}, "environment"),
        ({"limit": "@/etc/passwd"}, "limit"),
        ({"limit": "all:!ccas"}, "limit"),
        ({"id": "../../x"}, "id"),
        ({"extra": {"piste_undo": ["x"]}}, "extra.piste_undo"),
        ({"extra": {"ansible_connection": ["ssh"]}}, "extra.ansible_connection"),
        ({"extra": {"network_confirm": ["uplink:{{ lookup('pipe', 'id') }}"]}}, "extra.network_confirm.0"),
        ({"extra": {"network_confirm": "uplink"}}, "extra.network_confirm"),
        ({"operations": [{**operation(), "action": "run"}]}, "operations.0.action"),
        ({"operations": [{}]}, "operations.0.content"),
        ({"undo": {}}, "undo"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_not_of_the_form_is_named_and_the_key_is_not_even_asked_for(
    changes: dict[str, Any], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept_anew(plan(operation()), tmp_path / "x.json", **changes)
    monkeypatch.setattr(keys, "seal", None)
    with pytest.raises(saved.StalePlan, match=rf"ce n’est pas un plan de Piste(.|\n)*  - {re.escape(place)} : "):
        saved.read(path)


def test_a_plan_is_limited_to_what_the_inventory_knows() -> None:
    made = {**plan(operation()), "limit": "commune,ecole:localhost"}
    with pytest.raises(saved.StalePlan, match="ce que l’inventaire ne connaît pas : localhost"):
        saved.order_of(made)


def test_an_undo_comes_from_its_plan_alone(tmp_path: Path) -> None:
    """The neighbouring file, which nothing seals, is written anew."""
    tasks = {"ccas": {"returned": {"meraki_networks": {"config": [{"name": "a"}], "absent": []}}}}
    saved.write_json(tasks, tmp_path / "x.undo.json")
    order = Order("playbooks/undo.yml", "lab", "ccas", {"piste_undo": str(tmp_path / "x.undo.json")})
    made = saved.make(order, Played(operations=[operation()]))
    saved.write_json({}, tmp_path / "x.undo.json")
    saved.write(made)
    path = Path(saved.order_of(saved.read(made["id"])).extra["piste_undo"])
    assert (path.parent, json.loads(path.read_text("utf-8"))) == (saved.folder(), tasks)


def test_every_playbook_that_a_plan_may_name_exists() -> None:
    assert [name for name in form.CARRIED if not (ROOT / name).is_file()] == []


def test_an_unknown_plan_is_an_error_that_names_the_last_plans() -> None:
    with pytest.raises(Missing, match=r"« rien » n’existe pas\. Les derniers plans : aucun\."):
        saved.read("rien")
    made = plan(operation())
    saved.write(made)
    saved.write_json({}, saved.folder() / f"{made['id']}.undo.json")
    with pytest.raises(Missing, match=rf"Les derniers plans : {made['id']}\."):
        saved.read("rien")


def test_another_commit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(operation())
    saved.check_provenance(made)
    monkeypatch.setattr(saved, "commit", lambda: ("decade", True))
    with pytest.raises(saved.StalePlan, match="le plan vient du commit c0ffee, le dépôt est à decade") as refusal:
        saved.check_provenance(made)
    assert refusal.value.kind == "refused"


def test_another_declaration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(operation())
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "e")
    with pytest.raises(saved.StalePlan, match="la déclaration a changé depuis le plan"):
        saved.check_provenance(made)


A, B = operation("a"), operation("b")
MOVED = operation("a", notes="autre")
GONE = "ecole-jaures / network a : n’est plus à faire ainsi"
NEW = "ecole-jaures / network a : n’était pas prévu ainsi"


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ([A, B], [A, B], []),
        ([A], [MOVED], [GONE, NEW]),
        ([A, B], [B], [GONE]),
        ([B], [A, B], [NEW]),
        ([A, B], [B, A], ["ecole-jaures : l’ordre des opérations a changé"]),
        ([A, operation("a", owner="ccas")], [operation("a", owner="ccas"), A], []),
        ([A], [operation("a", owner="ccas")], [GONE, "ccas / network a : n’était pas prévu ainsi"]),
        ([A], [operation("a", "create")], [GONE, NEW]),
    ],
)
def test_any_difference_is_named(then: list[Any], now: list[Any], expected: list[str]) -> None:
    assert saved.differences(plan(*then), now) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [([A, B], []), ([B], []), ([], []), ([MOVED, B], [NEW]), ([operation("a", "create")], [NEW])],
)
def test_of_a_plan_whose_application_had_begun_what_is_done_is_no_difference(
    now: list[Any], expected: list[str]
) -> None:
    made = plan(A, B)
    saved.begin(made)
    saved.begin(made)
    assert saved.differences(made, now) == expected


def test_the_second_half_of_a_write_whose_secret_was_not_noted_is_foreseen() -> None:
    secret = {"secret": "radius/x", "fingerprint": "0123456789abcdef"}
    created = operation("a", "create", servers=[{"host": "10.0.0.1", "secret": secret}])
    unknown = {**secret, "fingerprint": "inconnue"}
    before = json.loads(json.dumps(created["content"]["after"]).replace(json.dumps(secret), json.dumps(unknown)))
    again = rewritten(created, before)
    made = plan(created)
    assert len(saved.differences(made, [again])) == 2
    saved.begin(made)
    assert saved.differences(made, [again]) == []
    assert len(saved.differences(made, [rewritten(created, {**before, "notes": "autre"})])) == 1


def rewritten(created: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    from piste.engine.converge.plan import digest

    content = {**created["content"], "before": before}
    return {**created, "action": "update", "before": digest(before), "content": content}
