"""Forms of the logs: the collector, who reads, the sources.

A log is personal data: no source is declared without its purpose, its legal basis, its longest retention and its
readers (RGPD, article 30; CCTP 3.2.5, 3.3.3, 7.4).
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..flows.form import End
from ..forms import Form, Marked, NameIn, PortNumber, SiteName
from .derived import Kind, LogClass, Transport

SourceName = Annotated[str, AfterValidator(values.label)]
ReaderName = Annotated[str, AfterValidator(values.label)]
UnixPath = Annotated[str, AfterValidator(values.matching(r"(/[A-Za-z0-9._-]*[A-Za-z0-9_-])+", "un chemin absolu"))]
UnixName = Annotated[str, AfterValidator(values.matching(r"[a-z_][a-z0-9_-]{0,31}", "un nom de compte de Linux"))]
Client = Annotated[
    str, AfterValidator(values.matching(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*", "le nom d’un certificat, * pour un mot"))
]
Days = Annotated[int, Field(ge=1, le=3660)]

SHORTEST = 365
"""Days that every source is kept at least (CCTP 3.2.5: « au minimum 12 mois »)."""
LONGEST = 3 * 366
"""Days beyond which the CNIL wants a reason of its own (recommendation 2021-122)."""


class CollectorTls(Form):
    """The TLS of the collector: its certificate, its key, and the authority of those who send."""

    port: PortNumber = 6514
    authority: Annotated[str, NameIn("certificate_authorities")]
    certificate: UnixPath
    key: UnixPath
    clients_ca: UnixPath


class Collector(Marked):
    """The machine that receives the logs, and its tree: a file a source and day."""

    host: str
    tree: UnixPath
    owner: UnixName = "syslog"
    group: UnixName = "journaux"
    tls: CollectorTls | None = None


class LogReader(Marked):
    """A reader of the logs: the group of the directory, and that of the collector."""

    label: str
    group: Annotated[str, NameIn("directory_groups")] | None = None
    unix_group: UnixName


class LogExport(Marked):
    """The monthly export to the store of the town (CCTP 3.3.3); `day`: of the month after."""

    store: str
    day: Annotated[int, Field(ge=1, le=28)] = 5


class Retention(Form):
    """Days that a source is kept: at least, and at most; `why` it is kept more than three years."""

    least: Days = Field(alias="min", default=SHORTEST)
    most: Days = Field(alias="max")
    why: Annotated[str, Field(min_length=1, max_length=300)] | None = None

    @model_validator(mode="after")
    def _most_comes_after_least(self) -> Self:
        if self.most <= self.least:
            raise values.refuse(f"max ({self.most} jours) ne dépasse pas min ({self.least})")
        return self


class LogSource(Marked):
    """A source of logs.

    `senders` are reservations, or segments; `clients` the names of their certificates, over TLS. With `per_site`, each
    of the `sites` (all in service by default) is judged alone, by the segment from which it sends.
    """

    label: str
    kind: Kind
    log_class: LogClass = Field(alias="class")
    transport: Transport
    port: PortNumber | None = None
    senders: list[End] = Field(alias="from", default_factory=list)
    clients: list[Client] = Field(default_factory=list)
    per_site: bool = False
    sites: list[SiteName] = Field(default_factory=list)
    silence_hours: Annotated[int, Field(ge=1, le=8784)]
    purpose: str
    basis: str
    retention_days: Retention
    readers: Annotated[list[Annotated[str, NameIn("logs")]], Field(min_length=1)]

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        received = self.transport in ("tls", "tcp", "udp")
        if received and not self.senders:
            raise values.refuse("la source ne dit pas qui l’envoie (from)")
        if self.transport == "tls" and not self.clients:
            raise values.refuse("la source ne dit pas quel certificat l’envoie (clients)")
        if self.per_site and not received:
            raise values.refuse("une source par site (per_site) est reçue d’un segment : tls, tcp ou udp")
        if (self.kind == "piste_journal") != (self.transport == "journal"):
            raise values.refuse("le journal de Piste se lit sur place : kind piste_journal va avec transport journal")
        return self


class Logs(Marked):
    """The logs of the town; `video` names the sites with cameras, which no other form knows."""

    collector: Collector
    export: LogExport
    readers: Annotated[dict[ReaderName, LogReader], Field(min_length=1)]
    video: list[SiteName] = Field(default_factory=list)
    sources: Annotated[dict[SourceName, LogSource], Field(min_length=1)]
