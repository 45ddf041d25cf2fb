"""The audits of Prism Central (namespace `monitoring`): who did what to an object, and when.

The models of the simulator are not compared with the documents of this namespace; the form is that of Nutanix's own
client, `ntnx-monitoring-py-client` 4.3.2.
"""

from __future__ import annotations

from typing import Any

from lab.http import Request, Response, json_response
from lab.prism.errors import unknown_path
from lab.prism.query import narrowed, page
from lab.prism.site import Site

Json = dict[str, Any]
NAMESPACE = "monitoring"
VERSIONS = tuple(f"v4.{minor}" for minor in range(4))
OTHER = "j.martin@ad.lebourget.example"
"""Another administrator, who writes beside Piste."""
_MODEL = "monitoring.v4.serviceability.Audit"
_TYPES = {"Create": "CREATE", "Update": "UPDATE", "Delete": "DELETE", "PowerOn": "ON", "PowerOff": "OFF"}


def note(site: Site, who: str, job: Json) -> None:
    """Note what a job is about to do."""
    ext_id = job["ids"].get("vmExtId") or job["ids"].get("extId") or job["new"]
    known = site.world.of(job["kind"]).get(ext_id) or job["body"] or {}
    site.world.audits.append(
        {
            "sourceEntity": {"type": job["kind"].lower(), "name": str(known.get("name") or ""), "extId": ext_id},
            "operationType": _TYPES.get(job["name"].removesuffix(job["kind"]), "UPDATE"),
            "userReference": {"name": who},
            "status": "SUCCEEDED",
            "creationTime": site.moment(),
        }
    )


def answer(site: Site, request: Request, version: str, path: str) -> Response:
    """Answer a request on the namespace. Raises ApiError."""
    if version not in VERSIONS or (request.method, path) != ("GET", "serviceability/audits"):
        raise unknown_path()
    audits = narrowed(site.world.audits, request.query, ("creationTime",))
    wanted, links = page(request.query, len(audits), f"{request.origin}{request.path}")
    body = {
        "data": [{"$objectType": _MODEL, "$reserved": {"$fv": "v4.r0"}, **audit} for audit in audits[wanted]],
        "$objectType": "monitoring.v4.serviceability.ListAuditsApiResponse",
        "metadata": {"totalAvailableResults": len(audits), "links": links},
    }
    return json_response(200, body, {})
