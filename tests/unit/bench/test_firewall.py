"""Work that the bench gives to both sides."""

from tests.bench.firewall import MOVES, moved, rules


def test_the_rules_of_the_bench_all_differ_by_name() -> None:
    assert len({rule["name"] for rule in rules(2000)}) == 2000


def test_the_moves_are_the_same_each_time_and_keep_every_rule() -> None:
    before = rules(100)
    after = moved(before)
    assert after == moved(before)
    assert sorted(rule["name"] for rule in after) == [rule["name"] for rule in before]
    out_of_place = {rule["name"] for rule in before} - longest_increasing([rule["name"] for rule in after])
    assert len(out_of_place) == MOVES


def longest_increasing(names: list[str]) -> set[str]:
    best: list[list[str]] = []
    for name in names:
        best.append(max(([*run, name] for run in best if run[-1] < name), key=len, default=[name]))
    return set(max(best, key=len))
