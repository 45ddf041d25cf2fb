"""The content of IP lists, separate from the element: JSON, text, or a zip of the text."""

from __future__ import annotations

import io
import re
import zipfile

from lab.smc.call import Answer, Call
from lab.smc.elements import guard
from lab.smc.errors import refused
from lab.smc.pending import note
from lab.smc.world import Json

_FILE = "ip_addresses.txt"
_PART = re.compile(
    rb'^--[^\r\n]+\r\nContent-Disposition: form-data; name="[^"]+"; filename="[^"]*"(?:\r\n[^\r\n]+)*\r\n\r\n'
)


def read(call: Call, record: Json) -> Answer:
    addresses: list[str] = record["data"].get("_ip", [])
    accepted = call.accept
    text = "".join(f"{address}\n" for address in addresses).encode()
    if "json" in accepted:
        return Answer(value={"ip": addresses})
    if "text" in accepted:
        return Answer(value=text, content_type="text/plain")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(_FILE), text)
    return Answer(value=packed.getvalue(), content_type="application/zip")


def write(call: Call, record: Json) -> Answer:
    """Replace the whole content."""
    guard(call, record, needed=False)
    if call.content_type.startswith("application/json"):
        body = call.body()
        unknown = next((key for key in body if key not in ("ip", "name")), None)
        if unknown is not None:
            raise call.checker.not_recognized(unknown)
        addresses = [str(address) for address in body.get("ip", [])]
    else:
        addresses = _uploaded(call.content)
    call.world.change(record, {**record["data"], "_ip": addresses}, call.admin, call.now)
    note(call, record, "update")
    return Answer(202 if not call.content_type.startswith("application/json") else 204)


def _uploaded(content: bytes) -> list[str]:
    """Return the lines of an uploaded file, zipped or plain. Raises ApiError."""
    match = _PART.match(content)
    if match is None:
        raise refused("The uploaded file is missing.")
    data = content[match.end() :].rpartition(b"\r\n--")[0]
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = archive.read(archive.namelist()[0])
        except (zipfile.BadZipFile, IndexError):
            raise refused("The uploaded file is not a valid archive.") from None
    return [line.strip() for line in data.decode().splitlines() if line.strip()]
