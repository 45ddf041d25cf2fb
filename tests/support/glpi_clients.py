"""Two clients of GLPI at work on the lab, that we did not write.

They run in an environment of their own (`.cache/glpi`), started by `tests.support.sdk`: `glpi-python-client` (MIT),
whose models mirror the OpenAPI document of GLPI 11, and `glpi-utils` (AGPL, hence never with our code), for both APIs.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from glpi_python_client import GlpiClient
from glpi_python_client.models.api_schema._common import IdNameRef
from glpi_python_client.models.api_schema.assets._computer import PatchComputer, PostComputer
from glpi_python_client.models.api_schema.dropdowns._location import PostLocation
from glpi_python_client.models.api_schema.management._contract import PostContract
from glpi_utils.oauth import GlpiOAuthClient


def typed(its: dict[str, Any]) -> Any:
    return GlpiClient(
        glpi_api_url=f"{its['http_url']}/api.php/v2.3", server_timezone="Europe/Paris", verify_ssl=False,
        **{name: its[name] for name in ("client_id", "client_secret", "username", "password")},
    )  # fmt: skip


def models(its: dict[str, Any]) -> dict[str, Any]:
    """Create, change and read through the typed client: its models check what the lab answers."""
    client = typed(its)
    top = client.create_location(PostLocation(name="Ville"))
    place = client.create_location(PostLocation(name="Mairie", parent=IdNameRef(id=top)))
    made = client.create_computer(PostComputer(name="pc-judge", serial="J1", location=IdNameRef(id=place)))
    client.update_computer(made, PatchComputer(otherserial="INV-1"))
    contract = client.create_contract(PostContract(name="Copieurs", duration=48, number="C-1"))
    seen = client.get_computer(made)
    return {
        "computer": [seen.name, seen.serial, seen.otherserial, seen.location.name],
        "way": client.get_location(place).completename,
        "contract": [client.get_contract(contract).duration, client.get_contract(contract).number],
        "filtered": [item.name for item in client.search_computers("serial==J1")],
    }


def pages(its: dict[str, Any]) -> dict[str, Any]:
    """Read lists by pages, and versions, through the client of both APIs."""
    with GlpiOAuthClient(
        url=its["http_url"], api_version="2.3", verify_ssl=False,
        **{name: its[name] for name in ("client_id", "client_secret", "username", "password")},
    ) as client:  # fmt: skip
        client.authenticate()
        phones = client.get_all_pages("Phone", page_size=7)
        return {
            "phones": sorted(item["name"] for item in phones),
            "versions": [entry["version"] for entry in client.get_api_versions()],
            "found": [item["name"] for item in client.search("Phone", filter="name==tel-3")],
        }


def drift(its: dict[str, Any], itemtype: str, name: str) -> dict[str, Any]:
    """Change an item as a person would: its state goes, its name is another's."""
    with GlpiOAuthClient(
        url=its["http_url"], api_version="2.3", verify_ssl=False,
        **{key: its[key] for key in ("client_id", "client_secret", "username", "password")},
    ) as client:  # fmt: skip
        client.authenticate()
        (item,) = client.search(itemtype, filter=f"name=={name}")
        client.update_item(itemtype, {"id": item["id"], "status": {"id": 0}, "comment": "à la main"})
        return {"id": item["id"]}


def user(its: dict[str, Any], name: str) -> dict[str, Any]:
    """Read whether an account may sign in, through the client of both APIs."""
    with GlpiOAuthClient(
        url=its["http_url"], api_version="2.3", verify_ssl=False,
        **{key: its[key] for key in ("client_id", "client_secret", "username", "password")},
    ) as client:  # fmt: skip
        client.authenticate()
        (item,) = client.search("User", filter=f"username=={name}")
        return {"active": item["is_active"]}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as described:
        site = json.load(described)["glpi"]
    print(json.dumps(globals()[sys.argv[2]](site, *sys.argv[3:])))
