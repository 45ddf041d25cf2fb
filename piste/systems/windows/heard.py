"""The questions to a domain and to its hosts, as the witness of a capture hears them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from piste.engine.transport.contents import written
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question, document, observed, permit
from piste.systems.windows.entry import Entry

DOMAIN, HOST = "ad", "winrm"
"""The systems of the questions: a domain with its SYSVOL, a host."""
BINARY = frozenset(
    {"objectsid", "objectguid", "tokengroups", "ntsecuritydescriptor", "dnsrecord", "dnsproperty", "cacertificate",
     "certificaterevocationlist", "authorityrevocationlist", "usercertificate", "sidhistory",
     "msds-allowedtoactonbehalfofotheridentity", "pkiexpirationperiod", "pkioverlapperiod", "pkikeyusage"}
)  # fmt: skip
"""The attributes whose values are no texts, in lower case."""
_VERBS: Mapping[str, str] = {"bindRequest": "BIND", "unbindRequest": "UNBIND", "searchRequest": "SEARCH"}
"""The verbs of a question, by the operations of LDAP that write nothing."""


def bound(connection: Any) -> bool:
    """Connect and sign in; ldap3 binds SASL to the certificate of the TLS channel (RFC 5929).

    Each operation passes the witness before it is sent.
    """
    send = connection.send

    def permitted(kind: str, *sent: Any) -> Any:
        permit(Question(DOMAIN, _VERBS.get(kind, kind), f"/{connection.server.host}", (), None))
        return send(kind, *sent)

    connection.send = permitted
    connection.open(read_server_info=False)
    return bool(connection.bind(read_server_info=False))


def search(work: Callable[..., list[Entry]]) -> Callable[..., list[Entry]]:
    """Have the searches of a directory pass the witness."""

    def heard(directory: Any, connection: Any, base: str, query: str, *asked: Any) -> list[Entry]:
        attributes, scope, _ = asked
        sought = (("base", base), ("scope", scope), ("filter", query), *(("attribute", name) for name in attributes))
        question = Question(DOMAIN, "SEARCH", f"/{directory.domain.controller}", sought, None)
        return observed(question, lambda: work(directory, connection, base, query, *asked), _entries)

    return heard


def _entries(entries: Sequence[Entry]) -> Response:
    """Show the answer to a search: texts as they read, the other values in base64."""
    return document(
        [
            {
                "dn": entry.dn,
                "attributes": {
                    name: [written(value, binary=name.casefold() in BINARY) for value in entry.raw(name)]
                    for name in entry.names
                },
            }
            for entry in entries
        ]
    )


def of_sysvol[T](
    controller: str, verb: str, path: str, ask: Callable[[], T | None], shown: Callable[[T], Any]
) -> T | None:
    """Read of SYSVOL past the witness; the kind of a file is in the path of its question."""
    kinds = {"READ": f"/{PurePosixPath(path).suffix[1:].casefold()}", "RIGHTS": "/rights"}
    question = Question(DOMAIN, verb, f"/{controller}/sysvol{kinds.get(verb, '')}", (("path", path),), None)
    return observed(question, ask, lambda content: document(None if content is None else shown(content)))


def snippet(work: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Have the snippets of a session pass the witness."""

    def heard(session: Any, name: str, /, **given: Any) -> dict[str, Any]:
        question = Question(HOST, "RUN", f"/{session.host}", (), {"method": name, "params": given})
        return observed(question, lambda: work(session, name, **given), lambda answer: document({"result": answer}))

    return heard


def permit_command(command: str, arguments: Sequence[str]) -> None:
    """Have a command pass the witness before it is sent, by its digest."""
    sent = hashlib.sha256("\0".join([command, *arguments]).encode()).hexdigest()
    permit(Question(HOST, "COMMAND", f"/{sent}", (), None))
