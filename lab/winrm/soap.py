"""The envelopes of WS-Management, from clients and from Windows (MS-WSMV 2.2, 3.1.4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from lab.http import Response

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
ACTIONS = {
    f"{TRANSFER}/Create": "Create",
    f"{TRANSFER}/Delete": "Delete",
    **{f"{SHELL}/{name}": name for name in ("Command", "Send", "Receive", "Signal")},
}


class WsmanFault(Exception):
    """A fault: `subcode` is that of DMTF DSP0226, `code` the number of Windows (MS-ERREF)."""

    def __init__(self, subcode: str, code: int, text: str) -> None:
        super().__init__(text)
        self.subcode, self.code, self.text = subcode, code, text


def no_such_shell(shell: str) -> WsmanFault:
    return WsmanFault(
        "w:InvalidSelectors",
        2150858843,
        f"The request for the Windows Remote Shell with ShellId {shell} failed because the shell was not found on the "
        "server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the server. "
        "Provide the correct ShellId or create a new shell and retry the operation. ",
    )


def too_many_shells(most: int) -> WsmanFault:
    return WsmanFault(
        "w:QuotaLimit",
        2150859173,
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {most} "
        "concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. ",
    )


def nothing_yet() -> WsmanFault:
    return WsmanFault(
        "w:TimedOut",
        2150858793,
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
    )


def too_large() -> WsmanFault:
    return WsmanFault(
        "w:EncodingLimit",
        2150858805,
        "The WS-Management service cannot process the request because the encoding of the request exceeds an internal "
        "encoding limit. Reconfigure the client to send messages which fit the encoding limits of the service. ",
    )


def not_a_request(why: str) -> WsmanFault:
    return WsmanFault("w:SchemaValidationError", 2150858817, f"The SOAP XML in the message does not match: {why} ")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request: `action` is its short name, empty where it is no action of a shell."""

    action: str
    asked: str
    message: str
    shell: str
    body: ET.Element

    @classmethod
    def parse(cls, data: bytes) -> Envelope:
        """Read a request. Raises WsmanFault where it is malformed."""
        try:
            root = ET.fromstring(data)
        except ET.ParseError as fault:
            raise not_a_request(str(fault)) from fault
        header, body = root.find(f"{{{SOAP}}}Header"), root.find(f"{{{SOAP}}}Body")
        if header is None or body is None:
            raise not_a_request("no header or no body")
        asked = header.findtext(f"{{{ADDRESSING}}}Action", "").strip()
        message = header.findtext(f"{{{ADDRESSING}}}MessageID", "").strip()
        shell = header.findtext(f"{{{WSMAN}}}SelectorSet/{{{WSMAN}}}Selector", "").strip()
        return cls(ACTIONS.get(asked, ""), asked, message, shell, body)

    def part(self, name: str) -> ET.Element:
        """Return an element of the body by its name in the shell namespace. Raises WsmanFault."""
        element = self.body.find(f".//{{{SHELL}}}{name}")
        if element is None:
            raise not_a_request(f"{name} is missing")
        return element

    def all(self, name: str) -> list[ET.Element]:
        return self.body.findall(f".//{{{SHELL}}}{name}")


def answer(request: Envelope, body: str) -> Response:
    return _response(200, f"{request.asked}Response", request.message, body)


def fault(request: Envelope | None, wrong: WsmanFault) -> Response:
    text = escape(wrong.text)
    body = (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value>"
        f"<s:Subcode><s:Value>{wrong.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{text}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault xmlns:f="{FAULT}" Code="{wrong.code}" Machine="lab">'
        f"<f:Message>{text}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    action = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
    return _response(500, action, request.message if request else "", body)


def created(shell: str) -> str:
    uri = f"{SHELL}/cmd"
    return (
        f"<x:ResourceCreated><a:Address>https://lab/wsman</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{uri}</w:ResourceURI><w:SelectorSet>"
        f'<w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>'
        f"<rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId><rsp:ResourceUri>{uri}</rsp:ResourceUri>"
        "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )


def stream(name: str, command: str, text: str = "", *, end: bool = False) -> str:
    last = ' End="true"' if end else ""
    return f"<rsp:Stream Name={quoteattr(name)} CommandId={quoteattr(command)}{last}>{text}</rsp:Stream>"


def state(command: str, code: int | None) -> str:
    """Write the state of a command: running, or done with its exit code."""
    uri = f"{SHELL}/CommandState"
    if code is None:
        return f'<rsp:CommandState CommandId="{command}" State="{uri}/Running"/>'
    return (
        f'<rsp:CommandState CommandId="{command}" State="{uri}/Done">'
        f"<rsp:ExitCode>{code}</rsp:ExitCode></rsp:CommandState>"
    )


def _response(status: int, action: str, relates: str, body: str) -> Response:
    text = (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:x="{TRANSFER}" '
        f'xmlns:w="{WSMAN}" xmlns:rsp="{SHELL}"><s:Header><a:Action>{action}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ADDRESSING}/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return Response(status, {"Content-Type": "application/soap+xml;charset=UTF-8"}, text.encode())
