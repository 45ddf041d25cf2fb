"""Organization and networks."""

from __future__ import annotations

from lab.meraki import ssids
from lab.meraki.call import Call
from lab.meraki.devices import unassign
from lab.meraki.errors import not_found, refused
from lab.meraki.world import ORGANIZATION_ID, Json

DEFAULTS: Json = {"timeZone": "America/Los_Angeles", "tags": [], "notes": None, "enrollmentString": None}


ADMINS = (
    ("1", "Piste", "piste@lab.invalid", "full"),
    ("2", "DSI", "dsi@lab.invalid", "read-only"),
    ("3", "Exploitation du prestataire", "exploitation@prestataire.invalid", "full"),
    ("4", "Astreinte du prestataire", "astreinte@prestataire.invalid", "read-only"),
)


def organizations(call: Call) -> list[Json]:
    return [organization(call)]


def organization(call: Call) -> Json:
    known = call.world.data["organization"]
    return {
        "id": known["id"],
        "name": known["name"],
        "url": f"https://lab.invalid/o/{known['id']}/manage/organization/overview",
        "api": {"enabled": True},
        "licensing": {"model": "co-term"},
        "cloud": {"region": {"name": "Europe", "host": {"name": "Europe"}}},
        "management": {"details": []},
    }


def admins(call: Call) -> list[Json]:
    """List the accounts of the API key, the town and the contractor that nobody has removed."""
    common: Json = {"accountStatus": "ok", "twoFactorAuthEnabled": True, "tags": [], "networks": []}
    more = {"lastActive": call.clock.iso(), "authenticationMethod": "Email"}
    gone = call.world.data.get("admins_removed", ())
    return [
        {**common, "id": number, "name": name, "email": email, "orgAccess": access, "hasApiKey": number == "1", **more}
        for number, name, email, access in ADMINS
        if number not in gone
    ] + call.world.data.get("admins_invited", [])


def invite_admin(call: Call) -> Json:
    """Invite an administrator, who has a second factor only once the mail is answered."""
    body = call.body
    if body["email"] in {admin["email"] for admin in admins(call)}:
        raise refused("Email has already been taken")
    invited = call.world.data.setdefault("admins_invited", [])
    common: Json = {"accountStatus": "pending", "twoFactorAuthEnabled": False, "hasApiKey": False, "tags": []}
    invited.append({**common, "networks": [], "authenticationMethod": "Email",
                    "id": call.world.new_id("9"), **body})  # fmt: skip
    return dict(invited[-1])


def remove_admin(call: Call) -> None:
    if call.ids["adminId"] not in {admin["id"] for admin in admins(call)}:
        raise not_found("Admin")
    invited = call.world.data.get("admins_invited", [])
    invited[:] = [admin for admin in invited if admin["id"] != call.ids["adminId"]]
    call.world.data.setdefault("admins_removed", []).append(call.ids["adminId"])


def networks(call: Call) -> list[Json]:
    types, tags = call.many("productTypes"), call.many("tags")
    every = call.value("tagsFilterType") == "withAllTags"
    shown = [view(network) for network in call.world.networks.values()]
    shown = [n for n in shown if not types or set(types) & set(n["productTypes"])]
    return [n for n in shown if not tags or (all if every else any)(tag in n["tags"] for tag in tags)]


def network(call: Call) -> Json:
    return view(call.network)


def create(call: Call) -> Json:
    body = call.body
    _check_name(call, body["name"], None)
    if "copyFromNetworkId" in body:
        raise refused("'copyFromNetworkId' is not served by the lab")
    # [inferred] The id of a combined network starts with `L_`.
    network_id = call.world.new_id("L_" if len(body["productTypes"]) > 1 else "N_")
    created = {
        **DEFAULTS,
        **body,
        "id": network_id,
        "settings": {},
        "ssids": {},
        "policies": {},
        "next_policy": 1,
        "port_schedules": {},
        "rf_profiles": {},
    }
    if "wireless" in body["productTypes"]:
        created["ssids"]["0"] = ssids.first_slot(body["name"])
    call.world.networks[network_id] = created
    return view(created)


def update(call: Call) -> Json:
    current = call.network
    if "name" in call.body:
        _check_name(call, call.body["name"], current["id"])
    current.update(call.updated(current, {**current, **DEFAULTS}))
    return view(current)


def delete(call: Call) -> None:
    for device in call.world.devices_of(call.network["id"]):
        unassign(device)
    del call.world.networks[call.ids["networkId"]]


def _check_name(call: Call, name: str, own_id: str | None) -> None:
    if call.behaviour.unique_network_names and any(
        other["name"] == name and other["id"] != own_id for other in call.world.networks.values()
    ):
        raise refused("Validation failed: Name has already been taken")


def view(network: Json) -> Json:
    return {
        "id": network["id"],
        "organizationId": ORGANIZATION_ID,
        "name": network["name"],
        "productTypes": network["productTypes"],
        "timeZone": network["timeZone"],
        "tags": network["tags"],
        "enrollmentString": network["enrollmentString"],
        "url": f"https://lab.invalid/{network['id']}/manage",
        "notes": network["notes"],
        "isBoundToConfigTemplate": network.get("bound", False),
    }
