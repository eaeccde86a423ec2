"""Carries out methods of wxc_sdk against a server that is not Webex: a question a line in, an answer a line out.

A question is {"id", "token", "method", "args"}, e.g. method "telephony.calls.dial". The answer has "result", or "status" and
"description" of the error that the SDK raised for an HTTP status, or "raised" with the name of any other exception. The method
"methods of" gives the public methods of the class at a path.
"""

import inspect
import json
import sys
from collections.abc import Generator
from typing import Any

from pydantic import BaseModel
from wxc_sdk import WebexSimpleApi
from wxc_sdk.rest import RestError, RestSession


def plain(value: Any) -> Any:
    """What a method returned, as JSON knows it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, (list, Generator)):
        return [plain(each) for each in value]
    return value


def at(api: WebexSimpleApi, path: str) -> Any:
    target: Any = api
    for name in path.split("."):
        target = getattr(target, name)
    return target


def modelled(method: Any, args: dict[str, Any]) -> dict[str, Any]:
    """Arguments for which the method wants a model of the SDK, as that model."""
    parameters = inspect.signature(method).parameters
    models = {
        name: parameters[name].annotation
        for name, value in args.items()
        if isinstance(value, dict) and name in parameters and inspect.isclass(parameters[name].annotation)
    }
    return args | {
        name: model.model_validate(args[name]) for name, model in models.items() if issubclass(model, BaseModel)
    }


def carry_out(api: WebexSimpleApi, method: str, args: dict[str, Any]) -> dict[str, Any]:
    if method == "methods of":
        members = vars(type(at(api, args["path"]))).items()
        return {"result": [name for name, member in members if inspect.isfunction(member) and name[0] != "_"]}
    try:
        target = at(api, method)
        return {"result": plain(target(**modelled(target, args)))}
    except RestError as error:
        return {"status": error.response.status_code, "description": error.description}
    except Exception as error:  # The SDK's own troubles are facts of the test, too.
        return {"raised": type(error).__name__, "text": str(error)[:500]}


def main() -> None:
    RestSession.BASE = sys.argv[1]
    apis: dict[str, WebexSimpleApi] = {}
    for line in sys.stdin:
        question = json.loads(line)
        token = question["token"]
        if token not in apis:
            apis[token] = WebexSimpleApi(tokens=token)
        answer = carry_out(apis[token], question["method"], question["args"])
        print(json.dumps({"id": question["id"], **answer}), flush=True)


main()
