"""Intent of an owner for GLPI: the `config` of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from piste.town.model.assets.classes import CLASSES
from piste.town.model.glpi import SEPARATOR, labelled, state_name, type_name
from piste.town.model.placeholder import is_placeholder

if TYPE_CHECKING:
    from piste.town.model.assets.derived import Asset
    from piste.town.model.site import Commune, Site

_KINDS = (
    "lists", "locations", "suppliers", "contracts", "assets", "licenses", "certificates", "appliances", "warranties",
    "links",
)  # fmt: skip
_STATES = {"in_service": "En service", "to_clarify": "En service", "decommissioned": "Sorti"}
"""State in GLPI of an application; what is to clarify is in service until somebody says otherwise."""


def glpi_intent(owner: Site | Commune) -> dict[str, Any]:
    """Intent of an owner: `config` by kind; empty lists where the town declares no GLPI."""
    part = owner["glpi"]
    if part is None:
        return {kind: [] for kind in _KINDS}
    whole: Mapping[str, Any] = owner
    assets = [_asset(asset, part["ways"], part["top"]) for asset in owner["assets"]]
    places = {item["location"] for item in assets}
    return {
        "lists": [{"list": name, "name": entry} for name, entry in part["lists"]],
        "locations": list(_locations(whole, part["top"], part["ways"], places)),
        "suppliers": [{"name": name, "trashed": False} for name, _ in labelled(whole.get("third_parties", ()))],
        "contracts": [_contract(name, entry) for name, entry in labelled(whole.get("contracts", ()))],
        "assets": assets,
        "licenses": [_license(name, entry) for name, entry in labelled(whole.get("licences", ()))],
        "certificates": [
            _said(name=entry["name"], ends=entry["not_after"], trashed=False)
            for entry in whole.get("certificates", {}).get("certificates", ())
        ],
        "appliances": [_appliance(name, entry) for name, entry in labelled(whole.get("applications", ()))],
        "warranties": list(_warranties(owner["assets"])) if part["legacy"] else [],
        "links": [{"link": name} for name in part["links"]],
    }


def _said(**entry: Any) -> dict[str, Any]:
    """Keep what is given: what is not is nobody's."""
    return {name: value for name, value in entry.items() if value is not None}


def _asset(asset: Asset, ways: Mapping[str, str], top: str) -> dict[str, Any]:
    kind = CLASSES[asset["kind"]]
    way = ways.get(asset["site"], top)
    logical = kind.glpi == "Cluster"
    made = "serial" in kind.mandatory
    return _said(
        itemtype=kind.glpi,
        name=asset["name"],
        title=asset["name"],
        serial=None if logical or is_placeholder(asset["serial"]) else asset["serial"] or None,
        inventory_number=None if logical else asset["name"],
        state=state_name(asset["state"]),
        location=SEPARATOR.join((way, _name(asset["place"]))) if asset["place"] else way,
        type=type_name(asset),
        manufacturer=asset["maker"] if made else None,
        model=asset["model"] if made else None,
        trashed=False,
    )


def _above(way: str) -> str:
    return way.rpartition(SEPARATOR)[0]


def _name(place: str) -> str:
    """A room or a rack as the name of a location."""
    return place.replace(">", "›").strip()


def _locations(
    owner: Mapping[str, Any], top: str, ways: Mapping[str, str], places: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Yield the locations of an owner: the top of the town, or a site and its rooms."""
    own = ways.get(owner["id"])
    if own is None:
        # The town comes first: it makes the places of its own assets, which their site then completes.
        yield from ({"way": way} for way in sorted({top, *places, *(_above(way) for way in places)} - {""}))
        return
    yield _said(way=own, code=owner["id"], address=owner["postal_address"])
    yield from ({"way": way} for way in sorted(places) if way.startswith(own + SEPARATOR))


def _contract(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return _said(
        name=name,
        number=entry["reference"],
        begins=entry["start"],
        months=_months(entry["start"], entry["end"]),
        notice_months=entry["notice_months"],
        trashed=False,
    )


def _months(start: str | None, end: str | None) -> int | None:
    """Whole months from a first to a last day; None where they are not whole."""
    if not start or not end:
        return None
    from datetime import date, timedelta

    first, after = date.fromisoformat(start), date.fromisoformat(end) + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return months if first.day == after.day else None


def _license(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return _said(name=name, ends=entry["end"], count=entry["seats"], trashed=False)


def _appliance(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "state": _STATES[entry["state"]], "trashed": False}


def _warranties(assets: Iterable[Asset]) -> Iterator[dict[str, Any]]:
    for asset in assets:
        kind = CLASSES[asset["kind"]]
        dates = {name: asset[name] for name in ("warranty_until", "end_of_life")}
        if any(dates.values()) and kind.glpi != "Cluster":
            serial = None if is_placeholder(asset["serial"]) else asset["serial"]
            yield _said(itemtype=kind.glpi, name=asset["name"], serial=serial, **dates)
