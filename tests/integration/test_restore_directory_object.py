"""An account of a real directory, deleted and brought back with its groups."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.ad.image import RESTORED
from piste.systems.windows.deleted import WithDeleted
from piste.trials.restore.directory_object import DirectoryObject
from piste.trials.restore.method import Refused
from piste.trials.restore.results import results
from piste.trials.restore.run import Given, clean, run
from piste.trials.restore.state import left_open
from tests.support.inprocess import Killed
from tests.support.restores import KEY, TEST
from tests.support.samba import Domain

ACCOUNT = {**TEST, "name": "objet", "method": "directory_object", "set": None, "object": RESTORED}


@pytest.fixture
def given(domain_of_module: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path))
    own = {"username": domain_of_module.restorer_dn, "password": domain_of_module.restorer_password}
    return Given("lab", secrets=KEY, options={"domain": domain_of_module.option, "own": own})


def groups(domain: Domain) -> list[str]:
    listed = domain.tool("user", "getgroups", RESTORED).split()
    return sorted(name for name in listed if name.startswith("Essai"))


def test_an_account_comes_back_with_its_identity_its_groups_and_its_attributes(
    domain_of_module: Domain, given: Given
) -> None:
    result, _ = run(ACCOUNT, given)
    assert (result.outcome, result.reason) == ("proven", "")
    assert [test.observed for test in result.tests] == ["les mêmes", "2 sur 2", "les mêmes"]
    assert groups(domain_of_module) == ["Essai-Ecriture", "Essai-Lecture"]


@pytest.mark.parametrize("moment", ["delete", "reanimate", "modify"])
def test_a_kill_between_deletion_and_return_is_mended_by_the_next(
    domain_of_module: Domain, given: Given, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    real = getattr(WithDeleted, moment)

    def die(self: Any, *words: Any, **more: Any) -> None:
        real(self, *words, **more)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(WithDeleted, moment, die)
        with pytest.raises(Killed):
            run(ACCOUNT, given)
    assert len(left_open("lab")) == 1
    clean(given)
    assert left_open("lab") == []
    assert groups(domain_of_module) == ["Essai-Ecriture", "Essai-Lecture"]
    assert [result.outcome for result, _ in results("lab")] == ["interrupted"]


def test_a_group_that_does_not_come_back_is_a_failure(
    domain_of_module: Domain, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = DirectoryObject.probe

    def thief(self: DirectoryObject, context: Any) -> Any:
        domain_of_module.tool("group", "removemembers", "Essai-Lecture", RESTORED)
        return before(self, context)

    monkeypatch.setattr(DirectoryObject, "probe", thief)
    result, _ = run(ACCOUNT, given)
    assert (result.outcome, result.tests[1].observed) == ("failed", "1 sur 2")
    assert groups(domain_of_module) == ["Essai-Ecriture", "Essai-Lecture"]


@pytest.mark.parametrize(
    ("name", "word"), [("personne", "n’a pas de compte"), ("Administrator", "n’est pas un compte d’essai"),
                       ("agent.test", "rien ne dit qu’il peut être supprimé")],
)  # fmt: skip
def test_only_a_test_account_is_ever_deleted(domain_of_module: Domain, given: Given, name: str, word: str) -> None:
    before = domain_of_module.usn()
    with pytest.raises(Refused, match=word):
        run({**ACCOUNT, "object": name}, given)
    assert domain_of_module.usn() == before


def test_without_an_account_that_may_nothing_is_deleted(given: Given) -> None:
    with pytest.raises(Refused, match="aucun compte qui rétablit"):
        run(ACCOUNT, replace(given, options={"domain": given.options["domain"]}))
