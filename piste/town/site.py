"""The modules of the declaration, `piste_site` and `piste_secrets`.

`piste_site` validates the town once per run and gives what is derived of a site, or of the town. `piste_secrets` names
the secrets of the declaration that have no value here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import Missing
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import FINGERPRINT_KEY, MINIMUM_LENGTH
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.systems.windows.dhcp.server import expect as expect_scopes
from piste.systems.windows.print_server import expect
from piste.town import derived
from piste.town.kept import Inputs
from piste.town.town import InvalidDeclaration, refuse

if TYPE_CHECKING:
    from piste.town.model import Fault


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Validate the whole in the first process of the run; give each site its own part."""
    names = ("as_found", "eap_tests", "rehearsed")
    beside = [Path(given) if (given := params.get(name)) else None for name in names]
    inputs = Inputs(Path(params["inventory"]), *beside)
    errors: list[Fault] = []

    def validate() -> dict[str, Any]:
        head, faults = derived.share(inputs)
        errors.extend(faults)
        sites = sorted({*head["owners"]} - {head.get("commune")})
        return {"faults": len(faults), "sites": sites, "digest": head.get("digest")}

    shared = derived.shared()
    verdict = shared.once("verdict", validate)
    refuse(errors)
    if verdict["faults"]:
        raise InvalidDeclaration(f"la déclaration a {agreed(verdict['faults'], 'erreur(s), dite(s)')} plus haut")
    if shared.get(f"site-{params['site']}") is None:
        raise Missing(
            f"« {params['site']} » n’est pas un site de la déclaration",
            where=str(inputs.inventory),
            todo=f"Sites déclarés : {', '.join(verdict['sites'])}.",
        )
    if name := params.get("network_name"):
        derived.keep(params["site"], {**derived.derived(params["site"]), "network_name": name})
    site = derived.derived(params["site"])
    said = [*_not_admitted(site["access"].get("exceptions", ()) if site["access"] else ()), *_unreserved(site)]
    lists = {"withheld": said, "warnings": said} if said else {}
    _foresee(site)
    fact = site if params.get("whole") else {name: site[name] for name in _BRIEF if name in site}
    return {"changed": False, "declaration": verdict["digest"], "ansible_facts": {"piste_site": fact}, **lists}


_BRIEF = ("id", "name", "lifecycle", "network_name", "dot1x", "nexus", "replaced", "open_links", "upgrading")
"""The fields of a site that conditions of tasks use, and what the town says of its Nexus switches:
Ansible copies a fact for each task, and the modules read the rest."""


def _foresee(site: Mapping[str, Any]) -> None:
    """Announce what the run will ask of a system that answers for several owners at once."""
    if printing := site.get("printing"):
        expect(printing["server"], [queue["name"] for queue in printing["queues"]])
    if scopes := site.get("scopes"):
        for server in site["dhcp"]["servers"][:2]:
            expect_scopes(server["name"], [scope["subnet"] for scope in scopes])


def _not_admitted(exceptions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """List the exceptions that admit nothing; each plan repeats them until somebody decides."""
    for item in exceptions:
        device = f"{item['what']} ({item['mac']})"
        if item["expired"]:
            yield f"exception échue le {item['until']} : {device}, équipement qui n’est plus admis"
        elif item["unconfirmed"]:
            yield f"exception à confirmer : {device}, équipement qui n’est pas encore admis"


def _unreserved(site: Mapping[str, Any]) -> Iterator[str]:
    """Name the reservations whose MAC address is to confirm: no server is given them."""
    names = [item["name"] for scope in site.get("scopes", ()) for item in scope["reservations"] if item["status"]]
    if names:
        yield f"adresses MAC à confirmer, réservations pas écrites : {', '.join(names)}"


def _secrets(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Check the secrets by name: no value leaves this function."""
    town = derived.derivation(Inputs(Path(params["inventory"])))
    wanted = [*town.secret_paths(), FINGERPRINT_KEY]
    given = params["secrets"] or {}
    missing = [path for path in wanted if not given.get(path)]
    short = [path for path in wanted if given.get(path) and len(str(given[path])) < MINIMUM_LENGTH]
    findings = []
    if missing:
        what = f"{agreed(len(missing), 'secret(s)')} sans valeur : {', '.join(missing)}"
        todo = "Ce qui les attend reste désactivé. Donnez-leur une valeur dans le coffre (voir SECRETS.md)."
        findings.append(Finding("secrets.values", "wrong", what, todo))
    if short:
        what = f"{agreed(len(short), 'secret(s)')} de moins de {MINIMUM_LENGTH} caractères : {', '.join(short)}"
        findings.append(Finding("secrets.values", "wrong", what, "Ils seront refusés : changez-les dans le coffre."))
    if not findings:
        findings.append(Finding("secrets.values", "ok", f"les {len(wanted)} secrets déclarés ont une valeur"))
    return {"changed": False, "findings": [finding.to_json() for finding in findings]}


INVENTORY = Field("inventory", "Folder of the inventory that declares the town.", type="path", required=True)

MODULES: Mapping[str, Module] = {
    "piste_site": Module(
        name="piste_site",
        options=(
            Field("site", "Name of the site in the inventory.", required=True),
            INVENTORY,
            Field(
                "as_found",
                "Folder of what the sites of the environment keep as it was found, a file a site; C(piste adopt) "
                "writes it.",
                type="path",
            ),
            Field(
                "eap_tests",
                "Folder of the successful tests of 802.1X in the environment, a file a site, which C(radius_tests) "
                "writes. Without it, no site is asked for one.",
                type="path",
            ),
            Field(
                "rehearsed",
                "File of the steps of digital sobriety that were made in the environment alone; C(piste sobriety) "
                "writes the laboratory's.",
                type="path",
            ),
            Field(
                "whole",
                "Give all that is derived as a fact, for tasks that take it apart themselves; else its name and state.",
                type="bool",
                default=False,
            ),
            Field("network_name", "Name that the site's network bears, where it is not the declared one."),
        ),
        run=_run,
    ),
    "piste_secrets": Module(
        name="piste_secrets",
        options=(
            INVENTORY,
            Field("secrets", "Values of the environment's secrets, by path.", type="dict", required=True, no_log=True),
        ),
        run=_secrets,
    ),
}
