"""The catalogs: the same keys and placeholders in each, every sentence used, and no sentence anywhere else."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from string import Formatter

import pytest
from conftest import ROOT

from genmodels import registry
from genmodels.checkpoint import PROBLEMS
from genmodels.morphology import PROPERTIES
from genmodels.ui.page import GROUPS
from genmodels.ui.text import (
    CATALOGS,
    DEFAULT_LANGUAGE,
    Refusal,
    Text,
    element,
    latent_text,
    model_text,
    supported_language,
)

UI = ROOT / "genmodels" / "ui"
PYTHON, SCRIPTS, TEMPLATES = (sorted(UI.rglob(pattern)) for pattern in ("*.py", "*.js", "*.html"))
ENGLISH = CATALOGS[DEFAULT_LANGUAGE]
WORDS = re.compile(r"[A-Za-z]{2,}[,;:]? [A-Za-z]{2,}|^[A-Z][a-z]{2,}[.!?]?$")  # two words, or one that begins a label
NO_SENTENCES = {"selfcheck.py", "command_line.py", "theme.py", "scenes.py"}  # of the command line; styles; citations
TECHNICAL = {"None", "van den ", "GENMODELS_DATA", "Cache-Control", "Server-Timing", "X-Shape", "X-Waiting",
             "X-Shape, Server-Timing, X-Waiting", "Vary", "Origin", "Origin, Accept-Encoding"}


def placeholders(sentence: str) -> list[tuple[str, str]]:
    return sorted((name, spec) for _, name, spec, _ in Formatter().parse(sentence) if name is not None)


def name_of(path):
    return str(path.relative_to(UI))


# ---- The catalogs


def test_catalogs_have_the_same_keys_in_the_same_order():
    assert set(CATALOGS) == {"en", "es"}
    assert list(CATALOGS["es"]) == list(ENGLISH)


def test_translations_have_the_same_placeholders():
    for key, sentence in ENGLISH.items():
        assert placeholders(CATALOGS["es"][key]) == placeholders(sentence), key


@pytest.mark.parametrize("language", CATALOGS)
def test_sentences_are_tidy(language):
    for key, sentence in CATALOGS[language].items():
        assert sentence == sentence.strip() and "  " not in sentence and "<" not in sentence, key


def test_files_say_each_key_once():
    for path in (UI / "text").glob("*.json"):
        keys = [key for key, _ in json.loads(path.read_text(), object_pairs_hook=list)]
        assert len(keys) == len(set(keys)), path.name


@pytest.mark.parametrize("name", registry.CHECKPOINTS)
def test_every_checkpoint_has_its_words(name):
    for word in ("title", "summary", "lesson"):
        assert model_text(word, name, registry.model_name(name)).word("es")


def test_whatever_is_measured_or_breaks_has_its_words():
    ends = {f"attribute.{name}.{end}" for name in PROPERTIES for end in ("less", "more")}
    properties, problems = {f"property.{name}" for name in PROPERTIES}, {f"checkpoint.{name}" for name in PROBLEMS}
    assert ends | properties | problems <= set(ENGLISH)


def test_every_activity_has_a_card_on_the_opening_page():
    activities = {name for _, tabs in GROUPS for name, _ in tabs} - {"start"}
    assert {key.removeprefix("card.") for key in ENGLISH if key.startswith("card.")} == activities


def test_every_key_is_used():
    sources = "".join(path.read_text() for path in [*PYTHON, *SCRIPTS, *TEMPLATES])
    families = ("models.", "class.", "tab.", "group.", "card.", "open.", "property.", "checkpoint.", "category.",
                "part.", "kind.", "quantity.", "attribute.", "story.", "convolution.", "describe.property.",
                "describe.value.", "describe.measured.", "compare.family.", "history.loss.", "history.news.")
    for key in ENGLISH:
        forms = [key, key.removesuffix(".info"), key.removesuffix(".of"), key.removeprefix("error.")]
        used = any(form in sources for form in forms)
        assert used or key.startswith((*families, "classifier.prediction.")), key


# ---- No words outside them


def is_prose(text: str) -> bool:
    return bool(WORDS.search(re.sub(r"<[^>]*>", "", text)))


def screen_strings(tree: ast.Module):
    """String constants that may reach the screen: all but docstrings and what is raised for programmers."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            skipped |= {id(part) for part in ast.walk(node)}
        raised = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(raised, ast.Call) and ast.unparse(raised.func) in ("UnsupportedOperation", "ValueError"):
            skipped |= {id(part) for part in ast.walk(raised)}
    return [node.value for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped]


@pytest.mark.parametrize("path", [path for path in PYTHON if path.name not in NO_SENTENCES], ids=name_of)
def test_no_words_in_python(path):
    code = re.compile(r"^[\w.-]+=|^\(|=>|: ?[\w-]+;|gm-|max-age|genmodels")
    found = [text for text in screen_strings(ast.parse(path.read_text())) if is_prose(text) and not code.search(text)]
    assert [text for text in found if text not in TECHNICAL] == []


def script_strings(source: str) -> list[str]:
    """The strings of a script without its comments."""
    literal = r"'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"
    return [m[0][1:-1] for m in re.finditer(rf"//[^\n]*|/\*.*?\*/|{literal}", source, re.S) if m[0][0] in "'`"]


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_no_words_in_scripts(path):
    keys = {"ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "Enter", "Escape", "Range", "hole area"}
    # The last two are for developers; those before them are shaders.
    code = re.compile(r"^gm-|^\(|^\[data-|^(attribute|precision|weights:|latents:) |^computed by |^python -m ")
    found = [text for text in script_strings(path.read_text()) if is_prose(text) and text not in keys]
    assert [text for text in found if not code.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_words_in_templates(path):
    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(f"{name}={value}" for name, value in attributes
                         if name in ("aria-label", "alt", "title", "placeholder", "aria-roledescription"))

        def handle_data(self, data):
            found.extend([data] if data.strip() and not data.strip().startswith("$") else [])

    found: list[str] = []
    Reader().feed(path.read_text())
    assert found == []


@pytest.mark.parametrize("text, prose", [
    ("Download PNG", True), ("Seed", True), ("the server did not answer", True), ("<b>Try again</b>", True),
    ("gm-note", False), ("application/octet-stream", False), ("sample.detail.alt", False), ("category", False)])
def test_prose_is_told_from_code(text, prose):
    assert is_prose(text) == prose


# ---- Words


def test_texts_are_worded_in_each_language():
    text = Text("reconstruct.mse", mse=0.01234)
    assert str(text) == "0.0123 mean square, pixels in [0, 1]"
    assert text.word("es") == "0,0123 cuadrático medio, píxeles en [0, 1]"
    assert Text("models.weights", count=7850).word("es") == "7.850 pesos."
    inner = Text("latents.notes", notes=["c2", Text("latents.mostly", property=Text("property.slant"))])
    assert (str(inner), inner.word("es")) == ("c2, mostly slant", "c2, sobre todo inclinación")
    assert inner.to_json() == {"key": "latents.notes", "values": {"notes": ["c2", {"key": "latents.mostly", "values": {
        "property": {"key": "property.slant", "values": {}}}}]}}


def test_a_key_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        Text("sample.nothing")
    assert Text.first_of("sample.nothing") is None and Text.first_of("no", "seed.label") == Text("seed.label")


def test_parts_of_latents_that_are_words_are_translated():
    assert [latent_text(name) for name in ("digit", "c1")] == [Text("part.digit"), "c1"]


def test_a_refusal_has_its_sentence_and_its_code():
    refusal = Refusal("megapixels", given=20, limit=16)
    assert str(refusal) == "The picture has 20 megapixels; the limit is 16" and refusal.text.key == "error.megapixels"


def test_elements_refer_to_their_words_and_escape_them():
    html = element("p", Text("error.picture_damaged", detail='<b> & "x"'), class_="gm-note", title=None)
    assert html.startswith('<p class="gm-note" data-t="[&quot;error.picture_damaged&quot;') and "<b>" not in html
    assert element("img", alt=Text("explorer.image"), width=3) == (
        '<img data-t-alt="explorer.image" alt="The decoded picture" width="3">')


@pytest.mark.parametrize("tags, expected", [
    (["es-BO"], "es"), (["ES"], "es"), (["fr", "es"], "es"), (["fr"], "en"), ([None, ""], "en"), (["en", "es"], "en"),
    (["x" * 9999], "en")])
def test_the_language_is_the_first_that_is_known(tags, expected):
    assert supported_language(*tags) == expected
