"""The declared town on a simulator, and a site converged as the role does it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lab.clock import Clock
from lab.declared import declared_inventory, declared_town
from lab.meraki.simulator import MerakiSimulator
from lab.meraki.world import World
from lab.seeds import build_world
from lab.seeds.brownfield import HAND_MADE
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.systems.kinds import BY_MODULE
from tests.support.inprocess import API_KEY, MerakiWorld, Run

NOON = 1_790_000_000.0
SCHOOL = "ecole-jaures"
FORMERLY = {name: [known] for name, known in HAND_MADE.items()}
"""Names of networks made by hand, as the lab's inventory gives them to the role."""


@dataclass
class Outcome:
    """The results of the tasks of a site, in order."""

    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def operations(self) -> list[dict[str, Any]]:
        return [operation for result in self.results for operation in result["operations"]]

    @property
    def summary(self) -> list[str]:
        return [line for result in self.results for line in result["summary"]]

    @property
    def withheld(self) -> list[str]:
        return [line for result in self.results for line in result["withheld"]]

    @property
    def surveys(self) -> list[dict[str, Any]]:
        return [survey for result in self.results for survey in result["surveys"]]

    @property
    def diff(self) -> list[dict[str, str]]:
        return [entry for result in self.results for entry in result["diff"]]


@cache
def _declared() -> Any:
    return declared_town()


@cache
def _seeded(seed: str) -> bytes:
    return build_world(seed, declared_inventory(_declared()), _frozen()).snapshot()


def _frozen() -> Clock:
    clock = Clock()
    clock.freeze(NOON)
    return clock


def site(name: str, **changes: Any) -> dict[str, Any]:
    """A copy of a derived site, with what a test changes at its top level."""
    return {**copy.deepcopy(_declared().sites[name]), **changes}


def open_sites() -> list[dict[str, Any]]:
    return [site(name) for name, declared in _declared().sites.items() if declared["lifecycle"] == "open"]


def school(model: str = "MS120-8") -> dict[str, Any]:
    """A school cut down to a switch and an access point, its printers' ports guarded.

    The switch has 10 ports, 28 with a MS220-24.
    """
    whole = site(SCHOOL)
    switch = next(device for device in whole["devices"] if device["model"] == model)
    for port in switch["ports"]:
        if port["profile"] == "imprimante":
            port["access_policy"] = "telephones-imprimantes"
    access_point = next(device for device in whole["devices"] if device["kind"] == "access_point")
    return {**whole, "devices": [switch, access_point]}


def dot1x(whole: dict[str, Any]) -> dict[str, Any]:
    """The site with its Wi-Fi in 802.1X."""
    ssids = [{**ssid, "authentication": "dot1x", "psk": None} for ssid in whole["ssids"]]
    return {**whole, "ssids": ssids}


def secret_values(town: Any = None) -> dict[str, str]:
    """A made-up value for each secret that the town names, and the key of the fingerprints."""
    return {path: f"valeur-de-{path}" for path in [*(town or _declared()).secret_paths(), FINGERPRINT_KEY]}


def town_world(folder: Path, seed: str = "empty") -> MerakiWorld:
    """The organization as a seed leaves it, on a clock that only sleeping moves."""
    world = World()
    world.restore(_seeded(seed))
    return _simulated(folder, world, secret_values())


def world_of(folder: Path, town: Any) -> MerakiWorld:
    """The organization of any town, all its hardware claimed and unassigned."""
    return _simulated(folder, build_world("empty", declared_inventory(town), _frozen()), secret_values(town))


def _simulated(folder: Path, world: World, secrets: dict[str, str]) -> MerakiWorld:
    simulator = MerakiSimulator(API_KEY, world=world, clock=_frozen())
    simulator.behaviour.set(rate_limit=None, claim_limit=None)
    return MerakiWorld(folder, simulator, secrets)


def run_site(
    run: Run,
    whole: dict[str, Any],
    *,
    check: bool = False,
    confirm: Sequence[str] = (),
    tags: Iterable[str] = (),
    only: str = "",
    plan: str = "",
    survey: bool = False,
) -> Outcome:
    """Run the role's task for a site.

    With `only`, of the kind of that module; with `tags`, the step that they ask for; with `plan`, the path of a saved
    plan, within it.
    """
    limited = {"only": [BY_MODULE[only].name]} if only else {}
    given = {"formerly": FORMERLY.get(whole["id"], []), "confirm": list(confirm), "plan": plan or None}
    steps = [{}, *({"step": tag} for tag in tags)]
    return Outcome([run.domain(whole, check=check, survey=survey, **given, **step, **limited) for step in steps])


def converge(world: MerakiWorld, *sites: dict[str, Any], **options: Any) -> Outcome:
    """Run over some sites; the requests of earlier runs are forgotten."""
    world.forget_requests()
    everything = Outcome()
    with world.run() as run:
        for whole in sites:
            everything.results += run_site(run, whole, **options).results
    return everything


def unheld(operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Describe planned operations as a run that was given every word does them."""
    return [
        {name: value for name, value in described.items() if name not in ("waiting", "words")}
        for described in operations
    ]


def make_core(simulator: MerakiSimulator) -> None:
    """Stack the core in the network of the town hall, with the transit, as its own runs do."""
    town = _declared()
    core, transit = town.commune["core"], town.commune["core"]["interface"]
    organization = simulator.world.data["organization"]["id"]
    placed = {simulator.world.devices[serial]["networkId"] for serial in core["serials"]} - {None}
    if placed:
        (known,) = placed
        simulator.edit("PUT", f"/networks/{known}", {"name": core["network"]})
    else:
        made = {"name": core["network"], "productTypes": ["switch", "wireless"]}
        known = simulator.edit("POST", f"/organizations/{organization}/networks", made)["id"]
        simulator.edit("POST", f"/networks/{known}/devices/claim", {"serials": core["serials"]})
    stacks = f"/networks/{known}/switch/stacks"
    stack = simulator.edit("POST", stacks, {"name": core["stack"], "serials": core["serials"]})
    interface = {"name": transit["name"], "vlanId": transit["vlan"], "subnet": transit["subnet"]}
    given = {**interface, "interfaceIp": transit["address"], "defaultGateway": core["default_route"]}
    simulator.edit("POST", f"{stacks}/{stack['id']}/routing/interfaces", given)
