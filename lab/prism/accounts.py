"""The accounts of Prism Central (namespace `iam`), local or of a directory.

The models of the simulator are not compared with the documents of this namespace; the form is that of Nutanix's own
client, `ntnx-iam-py-client` 4.0.1.
"""

from __future__ import annotations

import re
from typing import Any

from lab.http import Request, Response, json_response, of_json
from lab.prism.errors import ApiError, SchemaError, unknown_path
from lab.prism.query import page
from lab.prism.site import Site

Json = dict[str, Any]
NAMESPACE, VERSION = "iam", "v4.0"
_MODEL, _KIND = "iam.v4.authn.User", "User"
_STATES = ("ACTIVE", "INACTIVE")
CONTRACTOR = "prestataire"
ACCOUNTS = (
    ("admin", "LOCAL", "Administrateur", ""),
    ("svc-piste", "SERVICE_ACCOUNT", "Piste", ""),
    (CONTRACTOR, "LOCAL", "Exploitation du prestataire", "exploitation@prestataire.invalid"),
    ("svc-prestataire-sauvegarde", "SERVICE_ACCOUNT", "Sauvegardes du prestataire", ""),
    ("j.martin@ad.lebourget.example", "LDAP", "J. Martin", ""),
)


def seed(site: Site) -> None:
    """Give a Prism Central its accounts."""
    for username, kind, shown, mail in ACCOUNTS:
        site.world.keep(
            _KIND,
            {"username": username, "userType": kind, "displayName": shown, "emailId": mail, "status": "ACTIVE"},
        )


def answer(site: Site, request: Request, version: str, path: str) -> Response:
    """Answer a request on the namespace. Raises ApiError."""
    if version != VERSION:
        raise unknown_path()
    if (request.method, path) == ("GET", "authn/users"):
        return _listed(site, request)
    match = re.fullmatch(r"authn/users/([^/]+)/\$actions/change-state", path)
    if request.method != "POST" or match is None:
        raise unknown_path()
    user = site.world.get(_KIND, match[1])
    state = _state(request)
    user["status"] = state
    site.world.touch(user)
    data = {"$objectType": "iam.v4.authn.UserStateUpdate", "$reserved": {"$fv": "v4.r0"}, "status": state}
    return json_response(200, {"data": data, "$objectType": "iam.v4.authn.ActivateUserApiResponse"}, {})


def _listed(site: Site, request: Request) -> Response:
    users = list(site.world.of(_KIND).values())
    wanted, links = page(request.query, len(users), f"{request.origin}{request.path}")
    shown = [{key: value for key, value in user.items() if value and not key.startswith("_")} for user in users]
    body = {
        "data": [{"$objectType": _MODEL, "$reserved": {"$fv": "v4.r0"}, **user} for user in shown[wanted]],
        "$objectType": "iam.v4.authn.ListUsersApiResponse",
        "metadata": {"totalAvailableResults": len(users), "links": links},
    }
    return json_response(200, body, {})


def _state(request: Request) -> str:
    try:
        given = of_json(request.body)
    except ValueError:
        raise SchemaError([("/body", "Unable to parse the request body as JSON")]) from None
    state = given.get("status") if isinstance(given, dict) else None
    if state not in _STATES:
        raise ApiError(400, "IAM-30001", "INVALID_STATUS", f"{state} is not one of {', '.join(_STATES)}")  # [inferred]
    return str(state)
