"""The targets of a lever that are no sites: machines outside production, shares, lots."""

from __future__ import annotations

from piste.town.model import Town
from piste.town.model.sobriety.form import Target
from piste.town.model.sobriety.levers import reach


def others(town: Town, target: Target) -> dict[str, str]:
    """Give the label of each target of the town, by its name; nothing for sites."""
    commune = town.commune
    if commune is None:
        return {}
    match target:
        case "machine":
            machines = commune["hosting"]["machines"] if commune["hosting"] else []
            return {machine["name"]: machine["name"] for machine in machines if not machine["production"]}
        case "share":
            shares = commune["storage"]["shares"] if commune["storage"] else []
            return {share["name"]: share["label"] for share in shares}
        case "lot":
            return {lot["id"]: lot["label"] for lot in commune["thin_client_lots"]}
        case "site":
            return {}


def followers(town: Town, lever: str) -> list[str]:
    """Name the targets that follow a lever now."""
    declared = town.sobriety.levers[lever]
    match declared.target:
        case "site":
            return [
                name
                for name, site in town.sites.items()
                if site["lifecycle"] in ("open", "closing") and site["levers"][lever]["state"] != "off"
            ]
        case "machine":
            hosting = town.commune["hosting"] if town.commune else None
            return [machine["name"] for machine in (hosting["machines"] if hosting else []) if machine["schedule"]]
        case _:
            reached = reach(declared, [step for step in town.sobriety.rollout if step.lever == lever])
            every = (name for name in others(town, declared.target) if name not in declared.spared)
            return [name for name in every if reached.of(name) != "off"]
