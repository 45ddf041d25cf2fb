"""An answer over HTTP, and what can be read of it: status, media type, JSON, shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from piste.engine.converge.errors import AnswerLost, Rejected, Unreadable
from piste.engine.converge.reading import WAY_OUT
from piste.engine.converge.values import kind_of

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape of half a character (a surrogate), right in a pair only."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer.

    `write` marks the answer to a write: if it cannot be read it is lost, and the write may be done.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Cookies that the system sets, by name; several come under one header name."""
    write: bool = False

    def document(self) -> Any:
        """Read the JSON of a success. Raises `Unreadable`, or `AnswerLost` for a write."""
        kind = self.headers.get("content-type", "")
        if not 200 <= self.status < 300:
            self.refuse(f"réponse {self.status}")
        if kind and "json" not in kind.lower():
            self.refuse(f"du JSON est attendu, reçu {kind}")
        try:
            content = json.loads(self.body.decode("utf-8-sig"), parse_constant=_refused)
            if _HALF.search(self.body):
                json.dumps(content, ensure_ascii=False).encode()  # half a character is no text
            return content
        except (ValueError, RecursionError):
            self.refuse("du JSON est attendu" + (", la réponse est vide" if not self.body else ""))

    def mapping(self, *names: str) -> dict[str, Any]:
        """Read the JSON object of a success, where `names` are present and not null."""
        content = self.document()
        if not isinstance(content, dict):
            self.refuse(f"un dictionnaire est attendu, reçu {kind_of(content)}")
        if lacking := [name for name in names if content.get(name) is None]:
            self.refuse(f"il y manque {', '.join(lacking)}")
        return content

    def listing(self) -> list[Any]:
        """Read the JSON list of a success."""
        content = self.document()
        if not isinstance(content, list):
            self.refuse(f"une liste est attendue, reçu {kind_of(content)}")
        return content

    def words(self) -> Any:
        """Read the JSON of a refusal; None for another form, such as HTML. It decides nothing."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def ahead(self, now: float, known: float) -> float:
        """Read the seconds that the system's clock is ahead; `known` where no date is given."""
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).timestamp() - now
        except (TypeError, ValueError):
            return known

    def retry_after(self, now: float) -> float:
        """Read the seconds to wait: an integer in practice, a fraction or a date by the standard."""
        text = self.headers.get("retry-after", "")
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except (ValueError, TypeError):
            return 0.0

    def refuse(self, why: str) -> NoReturn:
        """Raise the error of an answer of another form."""
        parts = urlsplit(self.url)
        where = f"{parts.hostname or ''}{parts.path}"
        if self.write:
            lost = AnswerLost("la réponse à une écriture ne se lit pas", where=where, why=why)
            lost.answered = True
            raise lost
        raise Unreadable("a répondu autre chose que ce qui se lit", where=where, why=why, todo=WAY_OUT)


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def cookies(headers: Iterable[str]) -> dict[str, str]:
    """Read the name and value of each cookie of the `Set-Cookie` headers."""
    pairs = (header.partition(";")[0].partition("=") for header in headers)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def rejected(response: Response, what: str, why: str) -> Rejected:
    """Make the error of a 4xx answer to `what` (verb and path), with the system's own words."""
    host = urlsplit(response.url).hostname or ""
    return Rejected(f"{what} : refusé ({response.status})", status=response.status, where=host, why=why)
