"""The JSON Schema for editors and the reader say the same of a file."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from agentassist.flows import load

from .conftest import MAIN, OTHER, Put

FLOWS = sorted((Path(__file__).parents[3] / "kb" / "flows").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """What checks a file as an editor does."""
    schema = json.loads(load.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


class Words(yaml.SafeLoader):
    """Reads every value as text, and lets a file say a key twice."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 — PyYAML's own name


def parsed(text: str) -> Any:
    """Return a file's values, all as text."""
    return yaml.load(text, Loader=Words)


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
def test_every_shipped_tree_is_right_for_both(validator: jsonschema.Draft202012Validator, file: Path) -> None:
    """As text, and as YAML 1.1 reads it: with true and false, except that `yes` and `no` are words here."""
    assert load.read(file).usable
    assert list(validator.iter_errors(parsed(file.read_text("utf-8")))) == []


CHANGES: dict[str, dict[str, Any] | None] = {
    "no title": {"title": None},
    "no start": {"start": None},
    "no nodes": {"nodes": None},
    "an unknown key": {"colour": "red"},
    "an unknown journey": {"journey": "nice"},
    "a region in words": {"region": "Portugal"},
    "an empty tree": {"nodes": {}},
    "an id with a space": {"nodes": {"a b": {"end": "E"}}},
    "a node of no kind": {"nodes": {"hello": {"next": "x"}}},
    "a node of two kinds": {"nodes": {"hello": {"end": "E", "bot": "B"}}},
    "a text that leads nowhere": {"nodes": {"hello": {"text": "T"}}},
    "an unknown key of a node": {"nodes": {"hello": {"end": "E", "next": "x"}}},
    "a choice without options": {"nodes": {"hello": {"choice": "Q", "next": "hello"}}},
    "an empty choice": {"nodes": {"hello": {"choice": "Q", "options": {}, "next": "hello"}}},
    "choices with a way each": {
        "nodes": {"hello": {"choices": "Q", "options": {"a": {"label": "A", "next": "hello"}}, "next": "hello"}}
    },
    "a form without fields": {"nodes": {"hello": {"form": "Q", "fields": {}, "next": "hello"}}},
    "a field without a label": {"nodes": {"hello": {"form": "Q", "fields": {"f": {}}, "next": "hello"}}},
    "a field of no type": {
        "nodes": {"hello": {"form": "Q", "fields": {"f": {"label": "L", "type": "x"}}, "next": "hello"}}
    },
    "a pattern without one": {
        "nodes": {"hello": {"form": "Q", "fields": {"f": {"label": "L", "type": "pattern"}}, "next": "hello"}}
    },
    "a pattern of another type": {
        "nodes": {"hello": {"form": "Q", "fields": {"f": {"label": "L", "pattern": "a"}}, "next": "hello"}}
    },
    "maybe required": {
        "nodes": {"hello": {"form": "Q", "fields": {"f": {"label": "L", "required": "maybe"}}, "next": "hello"}}
    },
    "a condition without a test": {"nodes": {"hello": {"branch": [{"when": {"answer": "x"}, "next": "hello"}]}}},
    "a condition with two tests": {
        "nodes": {"hello": {"branch": [{"when": {"answer": "x", "is": "a", "has": "b"}, "next": "hello"}]}}
    },
    "a group with a test": {"nodes": {"hello": {"branch": [{"when": {"all": [], "answer": "b"}, "next": "hello"}]}}},
    "a text that is too long": {"nodes": {"hello": {"end": "x" * 2_001}}},
    "a label that is too long": {"title": "x" * 201},
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_is_wrong_for_both(validator: jsonschema.Draft202012Validator, put: Put, name: str) -> None:
    """A mistake of form is seen while typing and when reading alike."""
    data = copy.deepcopy(parsed(MAIN))
    for key, value in (CHANGES[name] or {}).items():
        if value is None:
            del data[key]
        else:
            data[key] = value
    assert not validator.is_valid(data)
    assert not load.read(put(yaml.safe_dump(data, sort_keys=False), "main")).usable


@pytest.mark.parametrize("text", [MAIN, OTHER])
def test_what_is_right_is_right_for_both(validator: jsonschema.Draft202012Validator, put: Put, text: str) -> None:
    """With every kind of node."""
    assert list(validator.iter_errors(parsed(text))) == []
    assert list(validator.iter_errors(json.loads(json.dumps(parsed(text))))) == []
    assert load.read(put(text)).usable


def test_the_tree_in_the_docs_is_right_for_both(validator: jsonschema.Draft202012Validator, put: Put) -> None:
    """What a trainer copies from the page works."""
    page = (Path(__file__).parents[3] / "docs" / "flows.md").read_text("utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    assert list(validator.iter_errors(parsed(text))) == []
    assert load.read(put(text)).problems == ()
