"""The proxy of a request: whether it goes through, and the headers that it asks for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit


def proxy_of(host: str, proxy: str, no_proxy: Iterable[str]) -> SplitResult | None:
    """Return the proxy by which a host is asked; None where it is asked directly."""
    parts = urlsplit("" if _direct(host, no_proxy) else proxy or "")
    return parts if parts.hostname else None


def proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + b64encode(login.encode()).decode()}


def _direct(host: str, no_proxy: Iterable[str]) -> bool:
    return any(
        entry == "*" or host == entry.lstrip(".") or host.endswith("." + entry.lstrip(".")) for entry in no_proxy
    )
