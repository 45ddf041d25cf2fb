"""The client when Prism Central is old, slow, busy, changed by somebody, or loses an answer."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lab.http import Request, Response
from piste.engine.converge.errors import Conflict, Interrupted, Misused, PisteError, Unreachable
from piste.systems.nutanix.prism import REQUEST_ID
from tests.support.breadth import breadth
from tests.support.hosting import PASSWORD, PrismWorld, once

VM = [{"name": "hdv-neuf1", "num_sockets": 1, "memory": "1 GiB", "disks": {"SCSI.0": {"size": "1 GiB"}}}]
GROWN = [{"name": "hdv-sql1", "memory": "12 GiB"}]
VMS = "/ahv/config/vms"


@pytest.fixture
def town(tmp_path: Path) -> PrismWorld:
    return PrismWorld(tmp_path, "town").keep("hdv-sql1", "hdv-dc1")


@pytest.fixture
def full(tmp_path: Path) -> PrismWorld:
    """A town whose machines take two pages."""
    return PrismWorld(tmp_path, "town")


def request_ids(world: PrismWorld, method: str, end: str) -> list[str]:
    """The request id of each write of a kind, in order."""
    return [
        headers[REQUEST_ID]
        for (verb, path), headers in zip(world.requests, world.headers, strict=True)
        if verb == method and path.endswith(end)
    ]


def test_each_namespace_is_spoken_in_its_own_version(town: PrismWorld) -> None:
    town.simulator.behaviour.set(versions={"vmm": "v4.0", "prism": "v4.9"})
    once(town, "prism_vms", state="gathered")
    spoken = {tuple(path.split("/")[:2]) for path in town.reads}
    assert {("vmm", "v4.0"), ("clustermgmt", "v4.3"), ("prism", "v4.4"), ("networking", "v4.3")} == spoken


@pytest.mark.parametrize("old", ["v3.1", "v4.0.b1", ""])
def test_a_namespace_below_v4_0_is_refused_clearly_before_any_write(town: PrismWorld, old: str) -> None:
    town.simulator.behaviour.versions["vmm"] = old
    with pytest.raises(
        Misused, match=r"l’API « vmm » est en version (v3\.1|v4\.0\.b1|inconnue), il faut v4\.0 au moins"
    ):
        once(town, "prism_vms", VM)
    assert town.writes == []


def test_an_account_is_refused_once_and_not_tried_again(town: PrismWorld) -> None:
    town.simulator.sessions.password = "autre-mot-de-passe"
    with pytest.raises(Unreachable, match="refuse le compte"):
        once(town, "prism_vms", VM)
    assert len(town.requests) == 1


def test_a_session_is_kept_and_renewed_once_where_it_expired(town: PrismWorld) -> None:
    as_whom: list[bool] = []

    def expire(method: str, path: str) -> None:
        if method == "PUT":
            town.simulator.sessions.expire()

    town.on_request = expire
    once(town, "prism_vms", GROWN)
    as_whom = ["Authorization" in headers for headers in town.headers]
    assert as_whom.count(True) == 2  # the first request, and the one whose session had gone
    assert len(request_ids(town, "PUT", town.named("Vm", "hdv-sql1")["extId"])) == 2
    assert town.named("Vm", "hdv-sql1")["memorySizeBytes"] == 12 << 30


def test_a_busy_system_is_waited_for_as_it_asks(town: PrismWorld) -> None:
    town.simulator.faults.add("status", method="GET", path=VMS, status=429, retry_after=7, times=3)
    once(town, "prism_vms", GROWN)
    assert sum(town.time.slept) >= 21


def test_nothing_is_left_of_a_period_and_the_next_is_waited_for(town: PrismWorld) -> None:
    town.simulator.behaviour.set(rate_limit=1)
    once(town, "prism_vms", GROWN)
    assert [entry.status for entry in town.simulator.calls.log if entry.status == 429] == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["cut", "status"])
def test_a_creation_whose_answer_is_lost_is_repeated_under_its_id_and_makes_one_machine(
    town: PrismWorld, kind: str, when: str
) -> None:
    town.simulator.faults.add(kind, method="POST", path=VMS + "$", when=when)
    once(town, "prism_vms", VM)
    ids = request_ids(town, "POST", VMS)
    assert (len(ids), len(set(ids))) == (2, 1)
    assert town.machines().count("hdv-neuf1") == 1


def test_each_intended_write_has_an_id_of_its_own(town: PrismWorld) -> None:
    once(town, "prism_vms", [*VM, *GROWN])
    once(town, "prism_vms", [{"name": "hdv-sql1", "memory": "13 GiB"}])
    ids = [headers[REQUEST_ID] for headers in town.headers if REQUEST_ID in headers]
    assert len(ids) == len(set(ids)) == 3


def test_every_update_goes_under_the_etag_that_was_read(town: PrismWorld) -> None:
    once(town, "prism_vms", [{"name": "hdv-sql1", "memory": "8 GiB", "stop": "clean"}])
    (put,) = [body for (method, _), body in zip(town.requests, town.headers, strict=True) if method == "PUT"]
    actions = [headers for (_, path), headers in zip(town.requests, town.headers, strict=True) if "$actions" in path]
    assert all(headers.get("If-Match") for headers in (put, *actions))


@pytest.mark.parametrize("late", [False, True], ids=["at once", "in the task"])
def test_a_machine_that_somebody_changed_meanwhile_is_not_written_over(town: PrismWorld, late: bool) -> None:
    town.simulator.behaviour.set(etag_late=late)
    live = town.named("Vm", "hdv-sql1")

    def edit() -> None:
        body = {name: value for name, value in live.items() if not name.startswith("_")}
        town.simulator.edit("PUT", f"vmm/ahv/config/vms/{live['extId']}", body | {"memorySizeBytes": 11 << 30})

    town.simulator.faults.add("edit", method="PUT", path=VMS, edit=edit)
    with pytest.raises(Interrupted, match="modifié par quelqu’un d’autre") as caught:
        once(town, "prism_vms", GROWN)
    assert isinstance(caught.value.__cause__, Conflict)
    assert town.named("Vm", "hdv-sql1")["memorySizeBytes"] == 11 << 30
    once(town, "prism_vms", GROWN)  # planned again on what there is
    assert town.named("Vm", "hdv-sql1")["memorySizeBytes"] == 12 << 30


@pytest.mark.parametrize(
    ("fate", "says", "kind"),
    [
        ("task_fail", "a échoué. Plus de place", "error"),
        ("task_cancel", "a été annulée", "error"),
        ("task_suspend", "a été suspendue", "error"),
        ("task_stuck", "n’est pas finie après 600 s", "unknown"),
    ],
)
def test_a_task_is_followed_to_whichever_end_in_its_own_words(
    town: PrismWorld, fate: str, says: str, kind: str
) -> None:
    town.simulator.faults.add(fate, method="POST", path=VMS, body="Plus de place")
    with pytest.raises(PisteError) as caught:
        once(town, "prism_vms", VM)
    assert says in str(caught.value)
    assert caught.value.kind == kind
    assert "hdv-neuf1" not in town.machines()


def test_a_creation_that_failed_can_be_asked_again(town: PrismWorld) -> None:
    """The system answers a known request id with the task that it already has, even failed."""
    town.simulator.faults.add("task_fail", method="POST", path=VMS, body="Plus de place")
    with pytest.raises(PisteError):
        once(town, "prism_vms", VM)
    town.simulator.clock.advance(60)
    once(town, "prism_vms", VM)
    assert town.machines().count("hdv-neuf1") == 1


def test_a_machine_that_was_removed_can_be_made_again(town: PrismWorld) -> None:
    once(town, "prism_vms", VM)
    once(town, "prism_vms", absent=["hdv-neuf1"], confirm=["vm", "unprotected"])
    once(town, "prism_vms", VM)
    assert town.machines().count("hdv-neuf1") == 1


def test_what_shows_late_is_waited_for_and_not_made_twice(town: PrismWorld) -> None:
    town.simulator.behaviour.set(read_lag=3)
    once(town, "prism_vms", VM)
    assert town.machines().count("hdv-neuf1") == 1


def test_after_a_failure_no_other_begins_and_those_under_way_are_followed_to_their_end(town: PrismWorld) -> None:
    many = [{**VM[0], "name": f"m-{rank:02}"} for rank in range(30)]
    town.simulator.faults.add("task_fail", method="POST", path=VMS, nth=3, body="Plus de place")
    with pytest.raises(Interrupted) as caught:
        once(town, "prism_vms", many)
    made = [name for name in town.machines() if name.startswith("m-")]
    assert sorted(caught.value.applied) == made
    assert caught.value.failed == ("m-02",)
    assert len(caught.value.pending) == 30 - 1 - len(made)
    assert len(made) < 25


def test_a_run_that_died_elsewhere_is_finished_from_another_workstation(tmp_path: Path) -> None:
    """The request id is made from the name: two stations ask for one machine, and get one."""
    ids: list[Any] = []
    for name in ("un-poste", "un-autre"):
        (tmp_path / name).mkdir()
        world = PrismWorld(tmp_path / name)
        once(world, "prism_vms", VM)
        ids += request_ids(world, "POST", VMS)
    assert ids[0] == ids[1]


@pytest.mark.parametrize("reused", breadth(["replay", "refuse", "refuse_other"], 3))
def test_a_creation_that_is_corrected_after_a_failure_is_another_demand(town: PrismWorld, reused: str) -> None:
    """The answer to the failed demand does not count for the corrected demand."""
    town.simulator.behaviour.set(reused_id=reused)
    town.simulator.faults.add("task_fail", method="POST", path=VMS, body="Plus de place")
    with pytest.raises(PisteError):
        once(town, "prism_vms", VM)
    town.simulator.clock.advance(60)
    once(town, "prism_vms", [{**VM[0], "num_sockets": 2}])
    ids = request_ids(town, "POST", VMS)
    assert (len(ids), len(set(ids))) == (2, 2)
    assert (town.machines().count("hdv-neuf1"), town.named("Vm", "hdv-neuf1")["numSockets"]) == (1, 2)


@pytest.mark.parametrize("reused", breadth(["replay", "refuse", "refuse_other"], 3))
def test_the_secret_of_a_creation_stands_in_no_request_id(town: PrismWorld, reused: str) -> None:
    town.simulator.behaviour.set(reused_id=reused)
    guest = {"kind": "cloud_init", "script": {"secret": "invite"}}
    town.simulator.faults.add("task_fail", method="POST", path=VMS, body="Plus de place")
    for value in ("premier-secret", "second-secret"):
        town.secrets["invite"] = value
        with contextlib.suppress(Interrupted):
            once(town, "prism_vms", [{**VM[0], "guest": guest}])
        town.simulator.clock.advance(700)
    first, again, *_ = request_ids(town, "POST", VMS)
    assert first == again
    assert town.machines().count("hdv-neuf1") == 1


def test_a_known_request_id_that_is_refused_while_its_task_runs_is_waited_for_and_makes_one_machine(
    town: PrismWorld,
) -> None:
    town.simulator.behaviour.set(reused_id="refuse", task_seconds=120.0)
    town.simulator.faults.add("cut", method="POST", path=VMS + "$", when="after")
    once(town, "prism_vms", VM)
    assert len(set(request_ids(town, "POST", VMS))) == 1
    assert town.machines().count("hdv-neuf1") == 1


def test_a_refused_creation_says_what_the_declaration_leaves_to_the_system(town: PrismWorld) -> None:
    town.simulator.faults.add("task_fail", method="POST", path=VMS, body="Aucun conteneur permis")
    with pytest.raises(Interrupted, match=r"Déclarez le conteneur \(container\) de SCSI\.0\..*aucun projet"):
        once(town, "prism_vms", VM)


def test_a_right_that_the_account_lacks_is_named_with_the_way_to_give_it(town: PrismWorld) -> None:
    town.simulator.behaviour.set(forbidden=["networking"])
    with pytest.raises(PisteError, match="politique d’autorisation pour « networking »"):
        once(town, "prism_subnets", state="gathered")


def test_the_password_stands_in_no_error_and_no_shared_file(town: PrismWorld) -> None:
    town.simulator.faults.add("status", method="GET", path=VMS, status=404, times=None, body="<html>Non</html>")
    with pytest.raises(PisteError) as caught:
        once(town, "prism_vms", VM)
    assert PASSWORD not in str(caught.value)
    kept = "".join(path.read_text(encoding="utf-8") for path in town.folder.rglob("*.json"))
    assert "NTNX" not in kept
    assert PASSWORD not in kept


def test_several_failures_are_all_reported(town: PrismWorld) -> None:
    many = [{**VM[0], "name": f"m-{rank}"} for rank in range(3)]
    town.simulator.faults.add("task_fail", method="POST", path=VMS, nth=1, body="Plus de place")
    town.simulator.faults.add("task_stuck", method="POST", path=VMS, nth=2)
    with pytest.raises(Interrupted) as caught:
        once(town, "prism_vms", many)
    assert (caught.value.failed, caught.value.kind) == (("m-0", "m-1"), "unknown")
    assert "m-0 : PISTE-E011" in str(caught.value)
    assert "m-1 : PISTE-E013" in str(caught.value)


def test_a_task_that_does_not_tell_what_it_made_is_no_reason_to_make_it_again(
    town: PrismWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piste.systems.nutanix.driver.created", lambda task, rel: "")
    once(town, "prism_vms", VM)
    assert len(request_ids(town, "POST", VMS)) == 1
    assert town.machines().count("hdv-neuf1") == 1


def test_a_list_that_moves_between_two_pages_is_read_again_and_hides_nothing(
    full: PrismWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine of the first page goes before the second is read: the next moves up, unseen."""
    monkeypatch.setattr("piste.systems.nutanix.prism.PAGE", 20)
    listed = [vm["name"] for vm in full.simulator.world.of("Vm").values()]
    going, hidden = listed[0], listed[20]
    pages: list[str] = []

    def move(method: str, path: str) -> None:
        if method == "GET" and path.endswith(VMS):
            pages.append(path)
            if len(pages) == 2:
                del full.simulator.world.of("Vm")[full.named("Vm", going)["extId"]]

    full.on_request = move
    gathered = once(full, "prism_vms", apart={}, state="gathered")["gathered"]
    names = [machine["name"] for machine in gathered]
    assert hidden in names
    assert going not in names
    assert len(names) == len(listed) - 1


def test_a_list_that_never_stands_still_is_unknown_and_nothing_is_made_of_it(
    full: PrismWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piste.systems.nutanix.prism.PAGE", 20)

    def move(method: str, path: str) -> None:
        if method == "GET" and path.endswith(VMS):
            machines = full.simulator.world.of("Vm")
            del machines[next(iter(machines))]

    full.on_request = move
    with pytest.raises(Unreachable, match="change sans cesse"):
        once(full, "prism_vms", VM)
    assert full.writes == []


def _cut(keep: int, **metadata: Any) -> Any:
    """Spoil the lists of machines: some of the first page, with other announcements."""

    def spoil(method: str, answer: Any) -> Any:
        if method == "GET" and urlsplit(answer.url).path.endswith(VMS):
            content = json.loads(answer.body)
            content["data"] = content["data"][:keep]
            content["metadata"] |= metadata
            return replace(answer, body=json.dumps(content).encode())
        return answer

    return spoil


def test_a_list_shorter_than_its_announced_total_is_unknown_and_makes_no_machine(full: PrismWorld) -> None:
    """A server that caps its pages, or a proxy that filters them, hides machines that exist."""
    full.spoil = _cut(2)
    with pytest.raises(Unreachable, match=f"{len(full.machines())} objets sont annoncés, 2 sont donnés"):
        once(full, "prism_vms", VM)
    assert full.writes == []


def test_a_list_without_a_total_ends_with_its_first_page_that_is_not_full(town: PrismWorld) -> None:
    town.spoil = _cut(2, totalAvailableResults=None)
    assert len(once(town, "prism_vms", apart={}, state="gathered")["gathered"]) == 2


def test_a_creation_that_is_slowly_acknowledged_and_fails_is_asked_for_once(
    town: PrismWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is older than the answer that names it, and still belongs to this run."""
    town.simulator.faults.add("task_fail", method="POST", path=VMS, body="Plus de place", times=3)
    handle = town.simulator.handle

    def slowly(request: Request) -> Response:
        answer = handle(request)
        if request.method == "POST":
            town.simulator.clock.advance(20)
            answer.headers["Date"] = formatdate(town.simulator.clock.now(), usegmt=True)
        return answer

    monkeypatch.setattr(town.simulator, "handle", slowly)
    with pytest.raises(PisteError, match="Plus de place"):
        once(town, "prism_vms", VM)
    assert len(request_ids(town, "POST", VMS)) == 1
