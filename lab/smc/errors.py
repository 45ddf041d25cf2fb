"""The error of the simulator: a status, a message and details, in the system's words."""

from __future__ import annotations

STALE = (
    "The specified If-Match header attribute does not match the existing element ETag: a new version is available. "
    "Please retrieve again the element."
)
DATABASE = "Database problem. Please try again later."


class ApiError(Exception):
    """An answer other than success: `{"details": […], "message": …, "status": "0"}`."""

    def __init__(self, status: int, message: str, *details: str) -> None:
        super().__init__("; ".join([message, *details]))
        self.status, self.message, self.details = status, message, list(details)

    @property
    def body(self) -> dict[str, object]:
        return {"details": self.details, "message": self.message, "status": "0"}


def refused(message: str, *details: str) -> ApiError:
    return ApiError(400, message, *details)


def not_found(what: str) -> ApiError:
    return ApiError(404, f"Impossible to find {what}.")


def conflict(message: str, *details: str) -> ApiError:
    return ApiError(409, message, *details)
