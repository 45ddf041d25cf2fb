"""Services, and the parameters of their protocol agents."""

from __future__ import annotations

from lab.smc import kinds
from lab.smc.call import Answer, Call
from lab.smc.elements import entry
from lab.smc.world import Json, key_of, mark

WITH_AGENT = frozenset(kind for kind in kinds.SERVICES if not kind.endswith("_group"))


def complete(call: Call, service: Json) -> None:
    """Give a service the default parameters of its protocol agent."""
    data = service["data"]
    agent = data.get("protocol_agent_ref")
    if agent is None:
        data.pop("paValues", None)
    elif not data.get("paValues"):
        parameters = call.world.children(call.world[key_of(agent)], "pa_parameter")
        data["paValues"] = [_default(parameter) for parameter in parameters]


def _default(parameter: Json) -> Json:
    data = parameter["data"]
    reference = mark(parameter["key"])
    if data["type"] == "integer":
        return {"integer_value": {"parameter_ref": reference, "value": data["default_integer"]}}
    return {"proxy_service_value": {"parameter_ref": reference}}


def show_protocol(call: Call, protocol: Json, body: Json) -> Json:
    """Show a protocol with its parameters."""
    own = call.world.children(protocol, "pa_parameter")
    return {**body, "paParameters": [{"pa_parameter": dict(parameter["data"])} for parameter in own]} if own else body


def parameters(call: Call, protocol: Json) -> Answer:
    own = call.world.children(protocol, "pa_parameter")
    return Answer(value={"result": [entry(call, parameter) for parameter in own]})
