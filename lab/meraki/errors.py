"""The error of the simulator: a status and the texts of its answer."""

from __future__ import annotations

import math


class ApiError(Exception):
    """A refusal, with the texts of the API in English; `retry_after` is in seconds."""

    def __init__(self, status: int, *errors: str, retry_after: float | None = None) -> None:
        super().__init__("; ".join(errors))
        self.status = status
        self.errors = list(errors)
        self.headers = {} if retry_after is None else {"Retry-After": str(max(1, math.ceil(retry_after)))}


def refused(*errors: str) -> ApiError:
    return ApiError(400, *errors)


def not_found(what: str = "") -> ApiError:
    """Return a 404; `Behaviour.not_found` gives the form of its body."""
    return ApiError(404, f"{what} not found" if what else "Not found")
