"""Expands a SAM template into plain CloudFormation, as a deployment would.

Usage: python expand.py template.yaml > expanded.json

The result is JSON on standard output, with the default of every parameter. It
needs neither an account nor a network; a region must have a name, and eu-west-1
is taken where AWS_DEFAULT_REGION is not set. What the translator refuses is told
on standard error, with exit status 1.
"""

import json
import os
import sys

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def expand(path: str) -> dict:
    """Returns the CloudFormation template that the SAM template at path stands for."""
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    point_code_at_s3(template)
    # No managed policies by name: the template's grants are statements.
    return Translator({}, Parser()).translate(template, parameter_values={})


def point_code_at_s3(template: dict) -> None:
    """Gives each function with local code the address that an upload would give it."""
    for logical_id, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        code = properties.get("CodeUri")
        if isinstance(code, str) and not code.startswith("s3://"):
            properties["CodeUri"] = f"s3://uploads/{logical_id}"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
    try:
        expanded = expand(sys.argv[1])
    except InvalidDocumentException as refused:
        for cause in refused.causes:
            print(f"{sys.argv[1]}: {cause.message}", file=sys.stderr)
        return 1
    json.dump(expanded, sys.stdout, indent=2, sort_keys=True, default=str)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
