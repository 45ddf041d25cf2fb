"""The refusals of the High-Level API. Source: `AbstractController`, `Router::handleRequest`."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal: a status, and a body in the words of the system (None: empty)."""

    def __init__(self, status: int, code: str, title: str, detail: Any = None, body: Any = None) -> None:
        super().__init__(title)
        self.status = status
        self.body = body or {"status": code, "title": title, "detail": detail}


def unauthenticated() -> ApiError:
    detail = "The Authorization header is missing or invalid"
    return ApiError(401, "ERROR_UNAUTHENTICATED", "You are not authenticated", detail)


def bad_token() -> ApiError:
    """An expired or unknown token is a bad request, not an unauthenticated request."""
    return ApiError(400, "ERROR_INVALID_PARAMETER", "Invalid OAuth token", "Access token could not be verified")


def forbidden() -> ApiError:
    return ApiError(403, "ERROR_RIGHT_MISSING", "You don't have permission to perform this action.")


def missing() -> ApiError:
    return ApiError(404, "ERROR_ITEM_NOT_FOUND", "Not found")


def invalid(title: str, detail: Any = None) -> ApiError:
    return ApiError(400, "ERROR_INVALID_PARAMETER", title, detail)


def oauth(status: int, error: str, description: str) -> ApiError:
    """A refusal of the token route, in the form of OAuth 2.0."""
    return ApiError(status, "", error, body={"error": error, "error_description": description, "message": description})
