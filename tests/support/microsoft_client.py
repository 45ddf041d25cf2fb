"""Microsoft's own library of sign-in at work on the lab.

It runs in an environment of its own (`.cache/microsoft`), started by `tests.support.sdk`: `msal` (MIT) asks the lab
where tokens are given, signs the proof of the application and asks for them; `requests` reads page by page.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import msal
import requests

GRAPH, DEFENDER = "https://graph.microsoft.com", "https://api.securitycenter.microsoft.com"


def _application(its: dict[str, Any], ca_file: str, **other: Any) -> Any:
    return msal.ConfidentialClientApplication(
        its["application"],
        authority=f"{its['url']}/{its['tenant']}",
        client_credential={"private_key": its["private_key"], "public_certificate": its["certificate"], **other},
        instance_discovery=False,
        verify=ca_file,
    )


def read(its: dict[str, Any], ca_file: str) -> dict[str, Any]:
    """Sign in, then read users by pages of two, and the machines of Defender."""
    application = _application(its, ca_file)
    tokens = {name: application.acquire_token_for_client([f"{name}/.default"]) for name in (GRAPH, DEFENDER)}
    assert all("access_token" in token for token in tokens.values()), tokens
    pages, url = [], f"{its['url']}/v1.0/users?$select=userPrincipalName&$top=2"
    while url:
        page = requests.get(url, headers=_bearer(tokens[GRAPH]), verify=ca_file, timeout=30).json()
        pages.append(len(page["value"]))
        url = page.get("@odata.nextLink", "")
    machines = requests.get(f"{its['url']}/api/machines", headers=_bearer(tokens[DEFENDER]), verify=ca_file, timeout=30)
    wrong = requests.get(f"{its['url']}/v1.0/users", headers=_bearer(tokens[DEFENDER]), verify=ca_file, timeout=30)
    written = requests.post(
        f"{its['url']}/v1.0/users", json={}, headers=_bearer(tokens[GRAPH]), verify=ca_file, timeout=30
    )
    return {
        "life": tokens[GRAPH]["expires_in"],
        "pages": pages,
        "machines": len(machines.json()["value"]),
        "elsewhere": wrong.status_code,
        "written": [written.status_code, written.json()["error"]["code"]],
    }


def refused(its: dict[str, Any], ca_file: str, stranger: str) -> list[str]:
    """Sign in with the key of somebody else, and as an application that nobody registered."""
    with open(stranger, encoding="ascii") as key:
        forged = _application(its, ca_file, private_key=key.read())
    unknown = _application({**its, "application": "personne"}, ca_file)
    answers = [application.acquire_token_for_client([f"{GRAPH}/.default"]) for application in (forged, unknown)]
    return [f"{answer['error']} {answer['error_description'].partition(':')[0]}" for answer in answers]


def _bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['access_token']}"}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as described:
        info = json.load(described)
    # The library of HTTP prefers it to what a session is given.
    os.environ["REQUESTS_CA_BUNDLE"] = info["ca_file"]
    print(json.dumps(globals()[sys.argv[2]](info["microsoft"], info["ca_file"], *sys.argv[3:])))
