"""Inherited group policies: their whole content is exported, taking them over loses nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.ad.image import image
from piste.engine.converge.errors import Ambiguous
from tests.support.gpos import Console, as_administrator, console, whole
from tests.support.samba import Domain


@pytest.fixture(scope="module")
def here(shared_domain: Domain) -> Iterator[Console]:
    """A console on a domain as contractors left it; each test writes to policies of its own."""
    shared_domain.controller.restore(image(shared_domain.forest, "brownfield"))
    with console(shared_domain, **as_administrator(shared_domain)) as opened:
        yield opened


def test_what_is_exported_replays_without_a_change_but_repairs(here: Console) -> None:
    export = here.run(state="gathered")
    defects = [warning for warning in export["warnings"] if "contient aussi" not in warning]
    assert defects == [
        "gpo Moitié faite : son dossier manque dans SYSVOL",
        "gpo Sécurité postes : les droits de son dossier ne sont pas ceux de l’annuaire",
        "gpo Veille écran : GPT.INI dit la version 3, l’annuaire 65539",
    ]
    before = here.domain.sysvol()
    done = here.run(*export["gathered"], state="replaced")
    assert [(operation["key"], operation["fields"]) for operation in done["operations"]] == [
        (name, ["defects"]) for name in ("Moitié faite", "Sécurité postes", "Veille écran")
    ]
    after = here.domain.sysvol()
    assert {path for path in before if after.get(path) != before[path] and not path.endswith("GPT.INI")} == set()
    assert here.run(*export["gathered"], state="replaced")["changed"] is False
    assert whole(here, "Veille écran")
    here.domain.tool("gpo", "aclcheck")


def test_a_declaration_keeps_what_others_have_put_there(here: Console) -> None:
    before = here.domain.sysvol()
    done = here.run({"name": "Imprimantes", "computer": {"policies": {"power.sleep_after_ac": 600}}})
    assert done["warnings"] == [
        "gpo Imprimantes : computer.foreign contient aussi, non déclaré et gardé : "
        "Preferences/Kiosk/Kiosk.xml (Screen « accueil »), Preferences/Printers/Printers.xml "
        "(SharedPrinter « copieur-2 »)"
    ]
    now = here.domain.sysvol()
    assert {path.rpartition("/")[2] for path in now if now[path] != before.get(path)} == {"GPT.INI", "Registry.pol"}


def test_two_policies_of_one_name_stop_a_task_that_names_them(here: Console) -> None:
    with pytest.raises(Ambiguous, match="2 stratégies s’appellent « Proxy »"):
        here.run({"name": "Proxy"})
