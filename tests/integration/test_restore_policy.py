"""A policy of a real domain, made again from its copy under another name, compared, removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.reading import Answers
from piste.exports.configurations.home import home
from piste.exports.configurations.keep import collected, keep
from piste.readings.protection.copies import stamp
from piste.systems.windows.directory import Directory
from piste.systems.windows.gpo_trials import PREFIX
from piste.systems.windows.sysvol import Sysvol
from piste.trials.restore.method import Refused
from piste.trials.restore.module import MODULES
from piste.trials.restore.results import results
from piste.trials.restore.run import Given, clean, run
from piste.trials.restore.state import left_open
from tests.support.bags import exported
from tests.support.gpos import Console, console, dn, guid, stored
from tests.support.inprocess import Killed
from tests.support.restores import KEY, TEST
from tests.support.rich_gpo import rich
from tests.support.samba import Domain

NAME = "Complète"
TRIAL = f"{PREFIX}{NAME}"
POLICY = {**TEST, "name": "strategie", "method": "policy", "set": "configurations", "object": NAME}


@pytest.fixture(scope="module")
def world(domain_of_module: Domain) -> Iterator[Console]:
    """A domain with a policy that has every section, linked nowhere yet."""
    domain_of_module.tool("group", "add", "GG-Essai")
    with console(domain_of_module) as opened:
        opened.run(rich(NAME))
        yield opened


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    monkeypatch.setenv("PISTE_CONFIGURATIONS_DIR", str(tmp_path / "configurations"))


@pytest.fixture
def given(world: Console, tmp_path: Path) -> Given:
    folder = exported(tmp_path / "export", **{"directory/gpos": {"gpos": world.gathered(NAME)}})
    return Given("lab", secrets=KEY, options={"domain": world.domain.option, "own": {"export": str(folder)}})


def is_clean(world: Console) -> bool:
    folders = {path.name for path in world.domain.policies.iterdir()}
    live = {gpo.guid for gpo in stored(world)}
    return TRIAL not in {gpo.name for gpo in stored(world)} and folders <= live and left_open("lab") == []


def test_a_policy_comes_back_from_the_last_night_and_leaves_nothing(
    world: Console, given: Given, tmp_path: Path
) -> None:
    moment = stamp(datetime.now(UTC))
    keep(home("lab"), collected(tmp_path / "export", Answers(), moment, {}))
    before, usn = world.domain.sysvol(), world.domain.usn()
    module = MODULES["piste_restore_tests"]
    asked = {"environment": "lab", "name": "strategie", "tests": [POLICY], "domain": world.domain.option}
    [finding] = module.run({**module.defaults, **asked}, True)["findings"]
    assert TRIAL in finding["what"]
    assert world.domain.usn() == usn
    result, _ = run(POLICY, replace(given, options={"domain": world.domain.option}))
    assert (result.outcome, result.reason) == ("proven", "")
    assert [test.observed for test in result.tests] == ["le même", "d’accord", "aucun", "la même que la copie"]
    assert result.copied
    assert (result.copied["store"], result.copied["taken_at"]) == ("configurations", moment)
    assert is_clean(world)
    assert world.domain.sysvol() == before
    assert world.domain.usn() > usn


def test_what_changed_since_the_copy_is_named_and_no_failure(world: Console, given: Given) -> None:
    world.run({"name": NAME, "comment": "Changée depuis"})
    try:
        result, _ = run(POLICY, given)
    finally:
        world.run({"name": NAME, "comment": rich(NAME)["comment"]})
    assert result.outcome == "proven"
    assert result.tests[-1].observed == "1 différence : comment"


@pytest.mark.parametrize("parts", [(0.5,), pytest.param((0.0, 0.1, 0.5, 1.0), marks=pytest.mark.story)])
def test_a_kill_at_any_write_leaves_nothing_after_the_next(
    world: Console, given: Given, parts: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, dies_at = [0], [0]

    def counting(kind: type[Any], name: str) -> Any:
        real = getattr(kind, name)

        def write(self: Any, *words: Any, **more: Any) -> Any:
            counted[0] += 1
            if counted[0] == dies_at[0]:
                raise Killed
            return real(self, *words, **more)

        return write

    for kind in (Directory, Sysvol):
        monkeypatch.setattr(kind, "_write", counting(kind, "_write"))
    run(POLICY, given)
    last = counted[0]
    assert last > 20
    for number in (max(1, int(part * last)) for part in parts):
        counted[0], dies_at[0] = 0, number
        with pytest.raises(Killed):
            run(POLICY, given)
        assert len(left_open("lab")) == 1
        dies_at[0] = 0
        clean(given)
        assert is_clean(world), number
    outcomes = [result.outcome for result, _ in results("lab")]
    assert (outcomes.count("interrupted"), outcomes.count("proven")) == (len(parts), 1)


def test_a_policy_that_somebody_linked_is_kept_and_said(
    world: Console, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    from piste.exports.configurations.policy import Policy

    before = Policy.probe

    def linking(self: Policy, context: Any) -> Any:
        world.domain.tool("gpo", "setlink", world.domain.base_dn, context.kept["guid"])
        return before(self, context)

    with monkeypatch.context() as patch:
        patch.setattr(Policy, "probe", linking)
        result, _ = run(POLICY, given)
    made = guid(world, TRIAL)
    assert (result.outcome, result.tests[2].observed) == ("failed", "/")
    assert f"policy {made}" in result.left
    assert len(left_open("lab")) == 1
    world.domain.tool("gpo", "dellink", world.domain.base_dn, made)
    clean(given)
    assert is_clean(world)


def test_every_refusal_writes_nothing(world: Console, given: Given, tmp_path: Path) -> None:
    usn = world.domain.usn()
    other = exported(tmp_path / "autre", **{"directory/gpos": {"gpos": [{**rich(NAME), "filtering": ["Personne"]}]}})
    torn = exported(tmp_path / "abimee", **{"directory/gpos": {"gpos": [{"name": NAME, "computer": 3}]}})
    scripts = {"startup": [{"name": "x.cmd", "file": "/etc/passwd"}]}
    read = exported(
        tmp_path / "lue", **{"directory/gpos": {"gpos": [{"name": NAME, "computer": {"scripts": scripts}}]}}
    )
    for folder, word in ((other, "n’existe pas dans l’annuaire"), (torn, "object attendu"), (read, "inconnu du schéma"),
                         (tmp_path / "rien", "ne s’ouvre pas")):  # fmt: skip
        with pytest.raises(Refused, match=word):
            run(POLICY, replace(given, options={**given.options, "own": {"export": str(folder)}}))
    with pytest.raises(Refused, match="aucune nuit n’est gardée"):
        run(POLICY, replace(given, options={"domain": world.domain.option}))
    with pytest.raises(Refused, match="0 stratégie « Autre »"):
        run({**POLICY, "object": "Autre"}, given)
    with pytest.raises(Refused, match="48 heures, plus que les 24"):
        run(POLICY, replace(given, now=lambda: datetime.now(UTC) + timedelta(hours=48)))
    assert world.domain.usn() == usn
    world.run({"name": TRIAL, "comment": "À quelqu’un"})
    try:
        with pytest.raises(Refused, match="s’appelle déjà"):
            run(POLICY, given)
        assert dn(world, TRIAL)
    finally:
        world.run(absent=[TRIAL], confirm=["gpo_deletion"], driver={"backup_dir": str(tmp_path / "gpo")})
