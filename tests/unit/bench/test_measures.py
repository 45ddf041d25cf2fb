"""Figures that the bench computes from its measures."""

import re
from math import inf
from pathlib import Path

import pytest

from lab.declared import declared_town
from piste.town.model import Town
from tests.bench.aims import SET_AT, Aim, Pair, base_commit
from tests.bench.directory import CALLS
from tests.bench.measure import RECAP, Measure, RunFailed, floor
from tests.bench.report import TOOLS, goals, pairs, table, tenfolds
from tests.bench.scale import Size, slope
from tests.bench.tenfold import Cost, Tenfold, _alone
from tests.bench.town import empty_plays


@pytest.mark.parametrize(("requests", "seconds"), [(0, 0.0), (10, 0.0), (11, 0.1), (210, 20.0)])
def test_the_floor_spares_the_first_ten_requests_and_counts_ten_a_second(requests: int, seconds: float) -> None:
    assert floor(requests) == pytest.approx(seconds)


def test_the_recap_is_read_host_by_host() -> None:
    text = "PLAY RECAP ***\nccas     : ok=10   changed=6    unreachable=0    failed=0    skipped=0\n"
    assert RECAP.findall(text) == [("ccas", "10", "6", "0", "0")]


def test_the_empty_plays_have_each_host_run_as_many_tasks_as_it_ran() -> None:
    plays = empty_plays({"a": 3, "b": 1, "c": 3})
    assert [(play["hosts"], len(play["tasks"])) for play in plays] == [(["a", "c"], 3), (["b"], 1)]


def test_the_table_aligns_its_columns_and_writes_numbers_in_french() -> None:
    measure = Measure("un passage", 1.25, 0.5, 12, 0, {"ccas": 10}, 0, 0.2)
    assert table("Ville", [measure]).splitlines() == [
        "Ville       lectures  écritures  durée    CPU  plancher à 10/s",
        "un passage        12          0  1,2 s  0,5 s            0,2 s",
    ]


def test_what_nobody_counts_is_not_zero() -> None:
    measure = Measure("cinq commandes", 3.21, 0.5, None, None, {}, 0, processes=5)
    assert table("samba-tool", [measure], TOOLS).splitlines() == [
        "samba-tool      lectures  écritures  processus  durée    CPU",
        "cinq commandes         ?          ?          5  3,2 s  0,5 s",
    ]


def test_the_requests_of_each_task_are_read_where_ansible_prints_its_results() -> None:
    said = """changed: [localhost] => {
    "calls": {
        "reads": 12,
        "writes": 3
    },
    "changed": true}
ok: [localhost] => {"calls": {"reads": 4, "writes": 0}, "changed": false}"""
    assert CALLS.findall(said) == [("12", "3"), ("4", "0")]


def test_an_aim_shows_both_sides_beside_what_is_aimed_at() -> None:
    pair = Pair(Aim("un site", ("ansible-playbook",), 2.5, "vide : 0,8", 2.6), 5.04, 2.26, 120, 118)
    head, line = pairs("a49af4e0123", [pair]).splitlines()
    assert head.startswith("CPU, à côté de a49af4e")
    assert re.split(r"  +", head)[1:] == ["plancher ou pair", "visé", SET_AT, "avant", "ici", "appels avant", "ici"]
    assert re.split(r"  +", line) == ["un site", "vide : 0,8", "2,50 s", "2,60 s", "5,04 s", "2,26 s", "120", "118"]


def test_one_table_has_all_that_is_aimed_at_and_names_what_is_above() -> None:
    whole = Aim("ville", ("ansible-playbook",), 16.0, "vide : 11,4", 25.8, reads={"meraki": (200, 290)})
    work = Tenfold("sac", Cost(1.0, 1.0), Cost(11.5, 1.0))
    _, *lines = goals([Pair(whole, 20.0, 17.0, 400, 300, {"meraki": 200})], [work], []).splitlines()
    assert [re.split(r"  +", line.strip()) for line in lines] == [
        ["ville", "vide : 11,4", "16,00 s", "25,80 s", "17,00 s", "au-dessus"],
        ["ville, lectures meraki", "200", "290", "200"],
        ["dix fois la ville, sac", "dix fois : 10,0 s", "12,00 s", "11,50 s"],
    ]


def test_what_could_not_be_measured_is_unknown_and_above_its_aim() -> None:
    pair = Pair(Aim("ville", (), 16.0, reads={"meraki": (200, 0)}), 20.0, inf, 400, 0)
    assert re.split(r"  +", pairs("a49af4e", [pair]).splitlines()[1]) == [
        "ville",
        "16,00 s",
        "0,00 s",
        "20,00 s",
        "inconnu",
        "400",
        "inconnu",
    ]
    said = [re.split(r"  +", line.strip())[1:] for line in goals([pair], [], []).splitlines()[1:]]
    assert said == [["16,00 s", "inconnu", "au-dessus"], ["200", "inconnu", "au-dessus"]]


def test_the_slope_is_one_for_a_straight_line_and_more_for_what_bends() -> None:
    assert slope([Size(0, 0.5), Size(1, 0.8), Size(2, 1.1), Size(10, 3.5)]) == pytest.approx(1.0)
    assert slope([Size(0, 0.5), Size(1, 0.8), Size(10, 30.5)]) == pytest.approx(10.0)


def test_ten_towns_are_beside_the_straight_line() -> None:
    work = Tenfold("portail", Cost(1.0, 14.2, 3), Cost(11.5, 84.4, 30))
    assert tenfolds([work]).splitlines()[1].split() == [
        "portail", "1,0", "s", "10,0", "s", "12,0", "s", "11,5", "s", "14", "Mo", "84", "Mo", "3", "30",
    ]  # fmt: skip


def test_a_work_that_fails_stops_the_measure(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(town: Town, copies: int, folder: Path) -> None:
        raise AssertionError("PISTE-M010")

    with pytest.raises(RunFailed, match="sac, 10 fois"):
        _alone("sac", broken, declared_town(), 10, tmp_path / "sac")
    assert "PISTE-M010" in capfd.readouterr().err


def test_the_commit_beside_which_it_is_measured_can_be_named_and_must_exist() -> None:
    assert base_commit("HEAD") == base_commit(base_commit("HEAD"))
    with pytest.raises(RunFailed, match="nulle-part"):
        base_commit("nulle-part")
