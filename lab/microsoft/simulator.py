"""Microsoft Graph, Defender for Endpoint and tokens, with or without a socket."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl, urlencode

import yaml

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.http import Request, Response, json_response
from lab.microsoft.behaviour import Behaviour
from lab.microsoft.captured import question
from lab.simulated import Simulated

type Json = dict[str, Any]
SYSTEM = "microsoft"
TENANT, APPLICATION = "11111111-2222-4333-8444-555555555555", "99999999-8888-4777-8666-555555555555"
TOKENS = f"/{TENANT}/oauth2/v2.0/token"
DISCOVERY = f"/{TENANT}/v2.0/.well-known/openid-configuration"
DEFENDER = "https://api.securitycenter.microsoft.com"
CONTENT: Mapping[str, Any] = yaml.load(Path(__file__).with_name("tenant.yml").read_text("utf-8"), yaml.CSafeLoader)
_FILTER = re.compile(
    r"userType eq 'Guest'|createdDateTime ge (?P<since>[0-9TZ:-]+)(?: and \((?P<clients>clientAppUsed eq '[^']+'"
    r"(?: or clientAppUsed eq '[^']+')*)\))?"
)
_UNLICENSED = {
    "P1": (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"), "P2": (400, "AadPremiumLicenseRequired"),
}  # fmt: skip
_LICENCES = ("none", "P1", "P2")
MOST = 10_000
"""The longest page of any list."""
_KNOWN = frozenset({"$top", "$select", "$filter", "$expand", "$skiptoken"})


class Served(NamedTuple):
    """A path: the content that it serves, the right that it takes, the licence."""

    content: str
    right: str
    licence: str = "none"
    most: int = 999


PATHS: Mapping[str, Served] = {
    "/v1.0/organization": Served("organization", "Organization.Read.All"),
    "/v1.0/subscribedSkus": Served("subscribedSkus", "Organization.Read.All"),
    "/v1.0/users": Served("users", "User.Read.All"),
    "/v1.0/groups": Served("groups", "GroupMember.Read.All"),
    "/v1.0/reports/authenticationMethods/userRegistrationDetails":
        Served("userRegistrationDetails", "AuditLog.Read.All", "P1"),
    "/v1.0/auditLogs/signIns": Served("signIns", "AuditLog.Read.All", "P1", 1000),
    "/v1.0/identity/conditionalAccess/policies": Served("policies", "Policy.Read.All", "P1"),
    "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy": Served("", "Policy.Read.All"),
    "/v1.0/policies/authorizationPolicy": Served("authorizationPolicy", "Policy.Read.All"),
    "/v1.0/policies/authenticationMethodsPolicy": Served("authenticationMethodsPolicy", "Policy.Read.All"),
    "/v1.0/policies/adminConsentRequestPolicy": Served("adminConsentRequestPolicy", "Policy.Read.All"),
    "/v1.0/admin/sharepoint/settings": Served("sharepoint", "SharePointTenantSettings.Read.All"),
    "/v1.0/roleManagement/directory/roleAssignments": Served("roleAssignments", "RoleManagement.Read.Directory"),
    "/v1.0/roleManagement/directory/roleDefinitions": Served("roleDefinitions", "RoleManagement.Read.Directory"),
    "/v1.0/roleManagement/directory/roleEligibilitySchedules":
        Served("roleEligibilitySchedules", "RoleManagement.Read.Directory", "P2"),
    "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances":
        Served("roleAssignmentScheduleInstances", "RoleManagement.Read.Directory", "P2"),
    "/v1.0/security/incidents": Served("incidents", "SecurityIncident.Read.All"),
    "/v1.0/security/secureScores": Served("secureScores", "SecurityEvents.Read.All"),
    "/api/machines": Served("machines", "Machine.Read.All", most=MOST),
}  # fmt: skip


class ApiError(Exception):
    """A refusal, in the words of Graph."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.body = status, {"error": {"code": code, "message": message, "innerError": {}}}
        super().__init__(message)


class MicrosoftSimulator(Simulated):
    """A tenant that answers reads to the application whose certificate it knows."""

    system: ClassVar[str] = SYSTEM

    def __init__(
        self,
        certificate: bytes,
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
        calls: Calls | None = None,
    ) -> None:
        super().__init__(clock, faults, calls)
        self.behaviour, self._certificate = Behaviour(), certificate
        self.taken: Mapping[str, Json] | None = None
        """What a captured tenant answered, by question (`lab/microsoft/captured.py`)."""
        self._tokens: dict[str, tuple[float, str]] = {}

    def _answer(self, request: Request) -> Response:
        try:
            if request.path == DISCOVERY:
                return json_response(200, self._endpoints(request.origin))
            if request.path == TOKENS:
                return json_response(*self._open(request))
            audience = self._audience(request)
            if request.method != "GET":
                raise ApiError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
            return json_response(200, self._read(request, audience))
        except ApiError as fault:
            return json_response(fault.status, fault.body)

    def _endpoints(self, origin: str) -> Json:
        """Describe the endpoints of tokens, which Microsoft's own library asks for first."""
        return {
            "issuer": f"{origin}/{TENANT}/v2.0", "token_endpoint": f"{origin}{TOKENS}",
            "authorization_endpoint": f"{origin}/{TENANT}/oauth2/v2.0/authorize",
        }  # fmt: skip

    def _open(self, request: Request) -> tuple[int, Json]:
        """Give a token for a proof.

        Source: *OAuth 2.0 client credentials flow*, Access token request with a certificate.
        """
        given = dict(parse_qsl(request.body.decode(errors="replace")))
        if request.method != "POST" or given.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type", "error_description": "AADSTS70003"}
        if why := self._disproved(given, f"{request.origin}{TOKENS}"):
            return 401, {"error": "invalid_client", "error_description": why}
        audience = given.get("scope", "").removesuffix("/.default")
        self.calls.open_session(SYSTEM)
        now = self.clock.now()
        rights = self.behaviour.machine_rights if audience == DEFENDER else self.behaviour.rights
        claims = {"aud": audience, "tid": TENANT, "appid": APPLICATION, "roles": rights, "exp": int(now) + 3599}
        parts = [_packed(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
        token = ".".join([*parts, secrets.token_urlsafe(32)])
        self._tokens[token] = (now + self.behaviour.token_seconds, audience)
        return 200, {"token_type": "Bearer", "expires_in": self.behaviour.token_seconds, "access_token": token}

    def _disproved(self, given: Mapping[str, str], tokens: str) -> str:
        """Say what is wrong with a proof; empty where it proves the application.

        Source: *Certificate credentials*.
        """
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        certificate = x509.load_pem_x509_certificate(self._certificate)
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        try:
            signed, _, signature = given.get("client_assertion", "").rpartition(".")
            header, claims = (json.loads(_unpacked(part)) for part in signed.split("."))
            pads: Mapping[str, Any] = {
                "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
                "RS256": padding.PKCS1v15(),
            }
            key.verify(_unpacked(signature), signed.encode(), pads[header["alg"]], hashes.SHA256())
        except (InvalidSignature, KeyError, ValueError):
            return "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered."
        prints = {"x5t#S256": hashes.SHA256(), "x5t": hashes.SHA1()}
        now = self.clock.now()
        # Microsoft's own library pads the thumbprint.
        if not any(
            str(header.get(name)).rstrip("=") == _packed(certificate.fingerprint(kind)) for name, kind in prints.items()
        ):
            return "AADSTS700027: the thumbprint is not that of a registered certificate."
        if given.get("client_id") != APPLICATION or {claims.get("iss"), claims.get("sub")} != {APPLICATION}:
            return "AADSTS700016: Application was not found in the directory."
        if claims.get("aud") != tokens:
            return f"AADSTS700023: Client assertion audience claim does not match {tokens}."
        if not claims.get("nbf", 0) <= now < claims.get("exp", 0) <= now + 660:
            return "AADSTS700024: Client assertion is not within its valid time range."
        return ""

    def _audience(self, request: Request) -> str:
        scheme, _, token = request.header("Authorization").partition(" ")
        end, audience = self._tokens.get(token, (0.0, "")) if scheme == "Bearer" else (0.0, "")
        if end <= self.clock.now() or (audience == DEFENDER) != request.path.startswith("/api/"):
            raise ApiError(401, "InvalidAuthenticationToken", "Access token is empty, expired or for another audience.")
        return audience

    def _read(self, request: Request, audience: str) -> Json:
        behaviour, query = self.behaviour, {name: values[-1] for name, values in request.query.items()}
        if self.taken is not None:
            return self._again(self.taken.get(question(request.path, query), {}), request, query)
        members = re.fullmatch(r"/v1\.0/groups/([^/]+)/transitiveMembers/microsoft\.graph\.user", request.path)
        served = Served("groups", "GroupMember.Read.All") if members else PATHS.get(request.path)
        if served is None:
            raise ApiError(404, "Request_ResourceNotFound", f"Resource '{request.path}' does not exist.")
        rights = behaviour.machine_rights if audience == DEFENDER else behaviour.rights
        activity = "signInActivity" in query.get("$select", "")
        if served.right not in rights or (activity and "AuditLog.Read.All" not in rights):
            raise ApiError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        licence = "P1" if activity else served.licence
        if _LICENCES.index(licence) > _LICENCES.index(behaviour.licence):
            status, code = _UNLICENSED[licence]
            raise ApiError(status, code, "Tenant doesn't have premium license.")
        if unknown := query.keys() - _KNOWN:
            raise ApiError(400, "BadRequest", f"Unknown parameter: {', '.join(sorted(unknown))}")
        if members:
            groups = {group["id"]: group for group in CONTENT["groups"]}
            users = {user["id"]: user for user in CONTENT["users"]}
            content: Any = [users[id_] for id_ in groups.get(members[1], {"members": []})["members"]]
        else:
            content = CONTENT[served.content] if served.content else {"isEnabled": behaviour.defaults, "id": "defaults"}
        if isinstance(content, dict):
            return {"@odata.context": f"{request.origin}/v1.0/$metadata", **self._dated(content)}
        items = [self._dated(item) for item in self._kept(content, query.get("$filter", ""))]
        if query.get("$expand") == "principal":
            items = [{**item, "principal": _principal(item["principalId"])} for item in items]
        if "$select" in query:
            chosen = {*query["$select"].split(","), "id"}
            items = [{name: value for name, value in item.items() if name in chosen} for item in items]
        return self._page(request, query, items, served.most)

    def _again(self, taken: Mapping[str, Any], request: Request, query: Mapping[str, str]) -> Json:
        """Answer as the captured tenant did; it has nothing else."""
        if "items" in taken:
            return self._page(request, query, taken["items"], MOST)
        if "object" in taken:
            return {"@odata.context": f"{request.origin}/v1.0/$metadata", **taken["object"]}
        words = {"code": "Request_ResourceNotFound", "message": "It was not captured."} | taken.get("error", {})
        raise ApiError(taken.get("status", 404), str(words["code"]), str(words["message"]))

    def _page(self, request: Request, query: Mapping[str, str], items: list[Json], most: int) -> Json:
        try:
            begins, top = int(query.get("$skiptoken", 0)), int(query.get("$top", 100))
        except ValueError:
            raise ApiError(400, "BadRequest", "A parameter has a wrong value.") from None
        if not 1 <= top <= most:
            raise ApiError(400, "Request_UnsupportedQuery", f"The limit of '{top}' for Top query has been exceeded.")
        ends = begins + min(top, self.behaviour.page_limit)
        page: Json = {"@odata.context": f"{request.origin}/v1.0/$metadata", "value": items[begins:ends]}
        if ends < len(items):
            page["@odata.nextLink"] = f"{request.origin}{request.path}?{urlencode({**query, '$skiptoken': ends})}"
        return page

    def _kept(self, items: list[Json], asked: str) -> Iterator[Json]:
        if not asked:
            yield from items
            return
        match = _FILTER.fullmatch(asked)
        if not match:
            raise ApiError(400, "BadRequest", "Invalid filter clause")
        clients = re.findall(r"'([^']+)'", match["clients"] or "")
        for item in items:
            if not match["since"]:
                if item["userType"] == "Guest":
                    yield item
            elif clients and item["clientAppUsed"] not in clients:
                continue
            elif self._dated(item)["createdDateTime"] >= match["since"]:
                yield item

    def _dated(self, item: Json) -> Json:
        """Write the moments that the content counts from now."""
        return {name: self._moment(value) for name, value in item.items() if name != "members"}

    def _moment(self, value: Any) -> Any:
        if isinstance(value, dict) and value.keys() == {"ago"}:
            moment = datetime.fromtimestamp(self.clock.now(), UTC) - timedelta(days=value["ago"], minutes=5)
            return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        return self._dated(value) if isinstance(value, dict) else value

    def _kind(self, request: Request) -> str:
        return "session" if request.path == TOKENS else super()._kind(request)

    def _failure(self, effect: Fault, headers: Mapping[str, str]) -> Response:
        if effect.body is not None:
            return Response(effect.status, {"Content-Type": "text/html", **headers}, effect.body.encode())
        code = "TooManyRequests" if effect.status == 429 else "generalException"
        return json_response(effect.status, ApiError(effect.status, code, "Please retry.").body, headers)

    def _edit_for(self, given: Mapping[str, Any]) -> None:
        raise ValueError("nobody edits a tenant of the lab")


def _principal(id_: str) -> Json:
    for kind, names in (("user", ("id", "userPrincipalName", "displayName")), ("group", ("id", "displayName"))):
        for item in CONTENT[f"{kind}s"]:
            if item["id"] == id_:
                return {"@odata.type": f"#microsoft.graph.{kind}", **{name: item[name] for name in names}}
    return {"@odata.type": "#microsoft.graph.servicePrincipal", "id": id_, "displayName": "application"}


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
