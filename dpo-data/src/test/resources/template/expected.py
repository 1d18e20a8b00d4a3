"""Makes cases.json: what Python's Jinja2 3.1.6, set up as transformers sets it up, renders.

Usage: python3 expected.py > cases.json

The templates are those of this folder: expressions.txt (one a line, ␊ standing for a line break), statements.txt
(separated by lines of =====, ␍ standing for a carriage return) and families/*.jinja (chat templates in the manner of
well-known model families); variables.json has the variables that they are rendered with.

python3 expected.py FILE.json > OUT.json takes other templates: {"variables": {NAME: {...}}, "cases": [{"name":
..., "template": ..., "variables": NAME}]}.
"""
import copy
import json
import pathlib
import sys
from datetime import datetime

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import CallBlock
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime(2024, 7, 26, 9, 5, 3)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


ENVIRONMENT = environment()


def expect(case, variables):
    result = dict(case)
    try:
        result["expected"] = ENVIRONMENT.from_string(case["template"]).render(**copy.deepcopy(variables[case["variables"]]))
    except Exception as error:  # whatever Python raises, the engine must refuse
        result["error"] = f"{type(error).__name__}: {error}"[:200]
    return result


def read(path):
    return path.read_bytes().decode("utf-8")


def own():
    folder = pathlib.Path(__file__).parent
    chats = json.loads(read(folder / "variables.json"))
    variables = {"feature": chats.pop("feature")}
    cases = []
    for number, line in enumerate(read(folder / "expressions.txt").strip("\n").split("\n"), 1):
        cases.append({"name": f"expression {number}", "template": "{{ " + line.replace("␊", "\n") + " }}"})
    for number, text in enumerate(read(folder / "statements.txt").split("\n=====\n"), 1):
        cases.append({"name": f"statement {number}", "template": text.replace("␍", "\r")})
    for case in cases:
        case["variables"] = "feature"
    for name, chat in chats.items():
        for prompt in (False, True):
            key = f"{name}, prompt {prompt}"
            variables[key] = {**chat, "add_generation_prompt": prompt, "bos_token": "<s>", "eos_token": "</s>"}
            for path in sorted((folder / "families").glob("*.jinja")):
                cases.append({"name": f"{path.stem}, {key}", "template": read(path), "variables": key})
    return {"variables": variables, "cases": cases}


if __name__ == "__main__":
    given = json.loads(read(pathlib.Path(sys.argv[1]))) if len(sys.argv) > 1 else own()
    print('{"variables": ' + json.dumps(given["variables"], ensure_ascii=False) + ',\n"cases": [')
    print(",\n".join(json.dumps(expect(case, given["variables"]), ensure_ascii=False) for case in given["cases"]))
    print("]}")
