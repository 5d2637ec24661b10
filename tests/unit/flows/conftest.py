"""Small trees, written as a trainer would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agentassist.flows import load
from agentassist.flows.model import ArticleLink, Flow

LINKS = {
    "guide": ArticleLink("guide", "The guide", "https://help.example/guide"),
    "video": ArticleLink("video", "The video", "https://help.example/video"),
}
MAIN = """\
title: Pairing
start: hello
region: PT
nodes:
  hello: {text: Hi there., articles: [guide, unknown], next: device}
  device:
    choice: Which device?
    options:
      dial: {label: Dial, next: form}
      valve: {label: Valve, next: signs}
      other: {label: Other, next: to-other}
  signs:
    say: Have a look.
    choices: What do you see?
    articles: [video]
    options: {red: Red light, dark: No light, noise: A noise}
    most: 2
    next: split
  split:
    branch:
      - {when: {answer: signs, has: [red, dark]}, next: form}
      - {when: {not: {answer: device, is: dial}}, next: bot}
      - {next: done}
  form:
    say: Nearly there.
    form: Which order?
    fields:
      number: {label: Order number, type: pattern, pattern: "HW-[0-9]{7}", hint: as HW-1234567}
      mail: {label: E-mail, type: email, private: true}
      phone: {label: Phone, type: phone, private: true, required: false}
    next: human
  human: {person: Needs a look, skills: [orders], say: Somebody comes.}
  bot: {bot: Say it in your own words.}
  done: {end: Bye., solved: true}
  to-other: {flow: other, say: Over there.}
"""
OTHER = """\
title: Other
start: intro
nodes:
  intro: {text: "This is the other one.", next: fine}
  fine: {choice: "Is it fine?", options: {yes: {label: "Yes", next: end}, no: {label: "No", next: person}}}
  end: {end: Good.}
  person: {person: Not fine}
"""
Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write a tree's file and return its place."""

    def write(text: str, name: str = "tree") -> Path:
        file = tmp_path / "flows" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def flows(put: Put) -> dict[str, Flow]:
    """Two trees, of which the first leads to the second."""
    folder = put(MAIN, "main").parent
    put(OTHER, "other")
    loaded = load.load_all(folder, LINKS)
    assert loaded.problems == ()
    return dict(loaded.flows)


@pytest.fixture
def main(flows: dict[str, Flow]) -> Flow:
    """The first of the two trees."""
    return flows["main"]
