"""The errors of Prism Central: of answers, and of failed tasks.

Codes come from recorded answers; those marked [inferred] are modelled on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
_RELEASE = "en-US"


class ApiError(Exception):
    """A refusal; `arguments` are strings, as in the API."""

    def __init__(self, status: int, code: str, group: str, message: str, **arguments: str) -> None:
        super().__init__(message)
        self.status, self.code, self.group, self.message = status, code, group, message
        self.arguments = arguments
        self.headers: dict[str, str] = {}

    def body(self, namespace: str, path: str, now: str) -> Json:
        return _envelope(
            namespace,
            {
                "$errorItemDiscriminator": f"List<{namespace}.v4.error.AppMessage>",
                "error": [message(namespace, self.code, self.group, self.message, self.arguments)],
            },
        )


class SchemaError(ApiError):
    """A body or a query of the wrong form; `faults` are (location, message)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(400, "", "", "; ".join(text for _, text in faults))
        self.faults = faults

    def body(self, namespace: str, path: str, now: str) -> Json:
        kind = f"{namespace}.v4.error.SchemaValidationError"
        messages = [
            {"$objectType": f"{kind}Message", "location": f"[Request]{where}", "message": text}
            for where, text in self.faults
        ]
        return _envelope(
            namespace,
            {
                "$errorItemDiscriminator": kind,
                "error": {
                    "$objectType": kind,
                    "timestamp": now,
                    "statusCode": 400,
                    "error": "Bad Request",
                    "path": path,
                    "validationErrorMessages": messages,
                },
            },
        )


class TaskFailure(Exception):
    """The error of a failed task."""

    def __init__(self, code: str, group: str, message: str) -> None:
        super().__init__(message)
        self.code, self.group, self.message = code, group, message


def message(namespace: str, code: str, group: str, text: str, arguments: Json | None = None) -> Json:
    """Return an `AppMessage`."""
    return {
        "$objectType": f"{namespace}.v4.error.AppMessage",
        "message": text,
        "severity": "ERROR",
        "code": code,
        "locale": _RELEASE,
        "errorGroup": group,
        **({"argumentsMap": arguments} if arguments else {}),
    }


def not_found(name: str, ext_id: str) -> ApiError:
    if name == "Vm":
        text = f"Failed to perform the operation as the VM with UUID '{ext_id}' is not found."
        return ApiError(404, "VMM-30100", "VM_NOT_FOUND", text, vm_uuid=ext_id)
    if name == "Image":
        return ApiError(404, "VMM-20005", "IMAGE_NOT_FOUND", f"Image {ext_id} is not found.", image_uuid=ext_id)
    return ApiError(404, "PLAT-10007", "ENTITY_NOT_FOUND", f"{name} with extId {ext_id} was not found.")


def unknown_path() -> ApiError:
    text = "The requested URL was not found on the server. If you entered the URL manually, please check your spelling."
    return ApiError(404, "PLAT-10007", "NOT_FOUND", text)


def stale(name: str, ext_id: str) -> ApiError:
    if name == "Vm":
        text = f"Failed to perform the operation on the VM with UUID '{ext_id}', because of an ETag mismatch."
        return ApiError(412, "VMM-30303", "VM_ETAG_MISMATCH", text, vm_uuid=ext_id)
    return ApiError(412, "PLAT-10005", "ETAG_MISMATCH", "Invalid eTag header: the entity has changed.")


def _envelope(namespace: str, data: Json) -> Json:
    kind = f"{namespace}.v4.error.ErrorResponse"
    return {
        "$dataItemDiscriminator": kind,
        "data": {"$objectType": kind, **data},
        "metadata": {"flags": [{"name": "hasError", "value": True}]},
    }
