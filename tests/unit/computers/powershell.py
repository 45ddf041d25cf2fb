"""The rules that a PowerShell program of the computers keeps, judged on its grammar."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from piste.readings.computers.collector.allowed import AGENTS, CLASSES, COMMANDS, EVENTS, MADE, TYPES
from tests.support.powershell import called, nodes, text, tree

ONLY_WRITE = 'New-Object System.IO.FileStream -ArgumentList "$Share\\$computer.json", ('
CALLS = frozenset({
    "Add", "AddDays", "AddHours", "Contains", "CreateUpdateSearcher", "Dispose", "EndsWith", "Exists", "GetBytes",
    "GetCurrentProcess", "GetFileName", "Ceiling", "Min", "Round", "GetFileNameWithoutExtension", "GetFiles",
    "GetFolderPath", "GetSubKeyNames", "GetTotalHistoryCount", "GetValue", "GetValueNames", "OpenSubKey",
    "QueryHistory", "Remove", "RemoveAt", "RemoveRange", "Search", "SelectSingleNode", "Split",
    "StartsWith", "Substring", "ToLocalTime", "ToString",
    "ToUInt32", "ToUniversalTime", "ToUpperInvariant", "ToXml", "Trim", "Write",
})  # fmt: skip
"""Methods that the program calls; `Write` is that of the stream, checked by itself."""
PERSONAL = re.compile(
    r"\$env:|username|usersid|targetuser|subjectuser|\.user\b|whoami|\.owner\b(?!\s*=)|\.message\b|leveldisplay|"
    r"taskdisplay|formatdescription|properties\[",
    re.IGNORECASE,
)
SHOWN = re.compile(r"\b(powercfg|wevtutil|schtasks|query|quser|wmic|cmd)(\.exe)?\b(?=\s+[/-]|\.exe)", re.IGNORECASE)


def code(root: Node) -> str:
    """Return the program without its comments."""
    whole = root.text or b""
    for comment in sorted(nodes(root, "comment"), key=lambda node: -node.start_byte):
        if not text(comment).startswith("#requires"):
            whole = whole[: comment.start_byte] + whole[comment.end_byte :]
    return whole.decode()


def faults(program: str) -> list[str]:
    """List what a program may not do, in the order of the rules."""
    root = tree(program)
    if root.has_error:
        return ["grammar"]
    return sorted({*_commands(root), *_types(root), *_writes(root), *_reads(root)})


def _commands(root: Node) -> Iterator[str]:
    own = {text(node) for node in nodes(root, "function_name")}
    for command in nodes(root, "command"):
        names = [child for child in command.children if child.type == "command_name"]
        if names and text(names[0]) not in {*COMMANDS, *own}:
            yield f"command {text(names[0])}"
        if not names and text(command) not in ("& $Read",):
            yield f"invocation {text(command)[:30]}"
    for name, parameters in called(root).items():
        if name in COMMANDS:
            yield from (f"parameter {name} -{each}" for each in parameters - {*COMMANDS[name][1]})
    bare = code(root)
    if "& $" in bare.replace("& $Read", ""):
        yield "invocation &"
    if re.search(r"^\s*\.\s", bare, re.MULTILINE):
        yield "invocation ."
    if any(nodes(root, "redirection")):
        yield "redirection"


def _types(root: Node) -> Iterator[str]:
    for literal in nodes(root, "type_literal"):
        if (name := text(literal).strip("[]") + "[]" * text(literal).endswith("[]]")) not in TYPES:
            yield f"type {name}"
    for attribute in nodes(root, "attribute_name"):
        if text(attribute) not in TYPES:
            yield f"type {text(attribute)}"
    bare = code(root)
    for made in re.findall(r"New-Object\s+(?:-TypeName\s+)?'?([\w.\[\]]+)'?", bare):
        if made not in MADE:
            yield f"object {made}"
    for agent in re.findall(r"-Com\w*\s+'?([^\s')]+)", bare):
        if agent not in AGENTS:
            yield f"agent {agent}"
    for invocation in nodes(root, "invokation_expression"):
        members = [child for child in invocation.children if child.type == "member_name"]
        if not members or text(members[0]) not in CALLS:
            yield f"method {text(invocation)[:40]}"


def _writes(root: Node) -> Iterator[str]:
    bare = code(root)
    streams = bare.count("FileStream")
    if streams != 1 or bare.count(ONLY_WRITE) != 1:
        yield "write elsewhere than its own file"
    if re.findall(r"(\$\w+)\.Write\(", bare) != ["$file"] or bare.count("$file =") != 1:
        yield "write by another stream"
    # A registry key opened for writing has a second argument.
    for call in re.findall(r"OpenSubKey\(((?:[^()]|\([^()]*\))*)\)", bare):
        if re.search(r",\s*(\$true|\$[a-z])", call):
            yield "write in the registry"
    if '"$Share\\$computer.json"' in bare and bare.count("$computer =") != 1:
        yield "file named after something else"


def _reads(root: Node) -> Iterator[str]:
    bare = code(root)
    for match in (*PERSONAL.finditer(bare), *SHOWN.finditer(bare)):
        yield f"reads {match[0].strip()}"
    for klass in re.findall(r"-ClassName\s+(\w+)", bare):
        if klass not in CLASSES:
            yield f"class {klass}"
    for klass, properties in re.findall(r"-ClassName (\w+) .*?-Property (@\([^)]*\)|'\w+')", bare):
        extra = set(re.findall(r"'(\w+)'", properties)) - set(CLASSES[klass][1]) if klass in CLASSES else set()
        yield from (f"property {klass}.{name}" for name in extra)
    whole = {"Win32_PowerPlan", "Win32_PowerSettingDataIndex"}
    for line in bare.splitlines():
        for klass in re.findall(r"-ClassName (Win32_\w+)", line):
            if "-Property" not in line and klass not in whole:
                yield f"class {klass} read whole"
    for provider, ids in re.findall(r"Get-Records '([^']+)' @\(([\d, ]+)\)", bare):
        known = EVENTS.get(provider, ((), ()))[0]
        if not {int(number) for number in ids.split(",")} <= {*known}:
            yield f"events {provider} {ids}"
    fields = {field for _, names in EVENTS.values() for field in names}
    yield from (f"field {name}" for name in re.findall(r"Get-Field \$record '(\w+)'", bare) if name not in fields)
    if bare.count(".Search(") != bare.count("$searcher.Search(") or "$searcher.Online = $false" not in bare:
        yield "asks the server of updates"
    if bare.count("Get-WinEvent") != 1 or "LogName = 'System'" not in bare:
        yield "another log"
