"""The policy of the measure on a real domain: bytes, second run, waiting, removal, export."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lab.signing import PUBLISHER, sign
from piste.engine.converge.request import Request
from piste.engine.converge.walk import converge
from piste.systems.windows.gpo.foreign import decoded
from piste.systems.windows.gpo_links import AWAITED, GpoLinks
from piste.systems.windows.intent import MEASURING, _measure
from tests.support.gpos import Console, console, guid
from tests.support.samba import Domain

NAME = "Mesure des postes"
POLICY: dict[str, Any] = {
    "name": NAME,
    "comment": "Mesure",
    "computer": _measure({"at": "11:00", "spread_min": 120, "server": "fic1.ville.example", "share": "Mesures$"}),
}


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lab")
    if not sign(made):
        pytest.skip("osslsigncode missing")
    return made / "signed"


def test_the_policy_waits_for_its_signature_carries_its_bytes_and_comes_back(domain: Domain, signed: Path) -> None:
    with console(domain) as here:
        assert waiting(here) == ([], 0)
        assert linked(here) == ([], ["/ : le lien vers « Mesure des postes » attend cette stratégie"])
        here.directory.shared.forget(f"planned-{AWAITED}")  # another run

        driver = {"signed": str(signed)}
        foreseen = here.run(POLICY, check=True, driver=driver)
        done = here.run(POLICY, driver=driver)
        assert foreseen["operations"] == done["operations"] != []
        again = here.run(POLICY, driver=driver)
        assert (again["changed"], again["withheld"], again["warnings"]) == (False, [], [])

        content = (signed / f"{MEASURING}.ps1").read_bytes()
        (shown,) = foreseen["diff"]
        assert f"{len(content)} octets, SHA-256 {sha256(content).hexdigest()}" in shown["after"]
        assert "77u/" not in shown["after"]
        carried = {file: raw for file, raw in domain.sysvol().items() if file.endswith(f"/Piste/{MEASURING}.ps1")}
        assert list(carried.values()) == [content]
        assert guid(here, NAME) in next(iter(carried))

        # Without its program, the live policy is left as it is.
        files = domain.sysvol()
        withheld = here.run({**POLICY, "comment": "Autre"})
        assert (withheld["changed"], domain.sysvol()) == (False, files)
        assert withheld["withheld"] == [
            f"gpo {NAME} : attend le programme signé « {MEASURING} » : l’environnement n’a pas de dossier"
            " (piste_signed), laissé tel quel"
        ]

        (gathered,) = here.gathered(NAME)
        assert list(gathered["computer"]["trusted_publishers"]) == [PUBLISHER]
        assert decoded(gathered["computer"]["foreign"][f"Piste/{MEASURING}.ps1"]) == content
        assert here.run(gathered, state="replaced")["changed"] is False


def linked(here: Console) -> tuple[list[Any], list[str]]:
    """Return the operations and warnings of a link to the policy."""
    links = GpoLinks(here.directory, "commune", base="/")
    config = links.asked([{"target": "/", "links": {NAME: {}}, "order": [NAME]}])
    result = converge(links, Request(config=config, owner="commune", check=True))
    return result["operations"], result["warnings"]


def waiting(here: Console) -> tuple[list[Any], int]:
    """Return the operations and writes of a run whose program is not signed."""
    writes = here.writes
    result = here.run(POLICY)
    assert any("attend le programme signé" in line for line in result["withheld"])
    return result["operations"], here.writes - writes
