"""The structure of the project, checked on its syntax trees and files."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

# A module may import from its own layer and the layers above it.
LAYERS = (
    {"interrupts", "lazy_import", "registry", "digits", "ui.text"},
    {"latents", "images", "ink", "interpolation", "config", "shading", "morphology"},
    {"captions"},
    {"data", "nn"},
    {"capabilities"},
    {"model"},
    {"autoregressive"},
    {"models"},
    {"checkpoint"},
    {"run_history"},
    {"metrics", "training"},
    {"evaluation"},
    {"__init__"},
    {"cli", "__main__"},
    {"ui"},
    {"app", "train"},
)
LAYER_OF = {name: layer for layer, names in enumerate(LAYERS) for name in names}
CATALOGS = "ui.text"  # the words on screen: a part of the interface's folder, but no part of the interface
TOP_LEVEL = {"README.md", "requirements.txt", "app.py", "train.py", "genmodels", "checkpoints", "tests"}
PROVIDES = {"PIL": "pillow"}  # import name -> package name, where they differ
PACKAGE = ROOT / "genmodels"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *ROOT.glob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@functools.cache
def read(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def owner(path: Path) -> str:
    """The name in LAYERS that a source belongs to."""
    if path.parent == ROOT:
        return path.stem
    parts = path.relative_to(PACKAGE).parts
    return CATALOGS if parts[:2] == ("ui", "text") else parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of all imports, in functions too; ``from genmodels import images`` is genmodels.images."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            folder = ROOT.joinpath(*node.module.split("."))
            for alias in node.names:
                inner = (folder / alias.name).is_dir() or (folder / f"{alias.name}.py").is_file()
                yield f"{node.module}.{alias.name}" if inner else node.module


def at_module_level(tree: ast.Module) -> list[ast.stmt]:
    """Statements that run on import: all but those in functions."""
    found, todo = [], list(tree.body)
    while todo:
        node = todo.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found


def target(module: str) -> str | None:
    """The name in LAYERS that an import leads to; None where it leaves the project."""
    first, _, rest = module.partition(".")
    if first in ("app", "train"):
        return first
    if module.startswith(f"genmodels.{CATALOGS}"):
        return CATALOGS
    return (rest.split(".")[0] or "__init__") if first == "genmodels" else None


def title(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_has_a_layer():
    assert {owner(path) for path in SOURCES} <= set(LAYER_OF), "add the new module to LAYERS"


def test_imports_never_go_up_the_layers():
    for path in SOURCES:
        here = owner(path)
        for module in imported(read(path)):
            there = target(module)
            assert there is None or LAYER_OF[there] <= LAYER_OF[here], f"{title(path)} must not import {module}"


def test_separate_parts_do_not_import_each_other():
    """The interface and training; app.py and train.py; two models. Only the interface imports gradio."""
    for path in SOURCES:
        here, modules = owner(path), set(imported(read(path)))
        targets = {target(module) for module in modules}
        forbidden = {"ui": {"training", "train", "app"}, "app": {"training", "train"}, "training": {"ui"},
                     "train": {"ui", "app"}, "evaluation": {"ui", "training"}, "cli": {"ui"}}.get(here, set())
        assert not targets & forbidden, title(path)
        if here == "models" and path.stem != "__init__":
            assert "models" not in targets, f"{title(path)}: the difference between two siblings is the lesson"
        if here not in ("ui", "app"):
            assert not any(module.split(".")[0] == "gradio" for module in modules), title(path)


def test_torchvision_is_only_imported_in_functions():
    """The import takes over a second, which neither the app nor a command should need."""
    for path in SOURCES:
        for node in at_module_level(read(path)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not any(module.split(".")[0] == "torchvision" for module in imported(node)), title(path)


def test_building_the_page_does_not_import_torch(tmp_path):
    """The import takes over a second, during which a visitor would wait."""
    code = ("import sys; from genmodels.ui.page import build_demo; build_demo();"
            "assert 'torch' not in sys.modules, 'torch was imported'")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_pickle():
    picklers = {"pickle", "cPickle", "dill", "joblib", "shelve"}
    for path in SOURCES:
        assert not {module.split(".")[0] for module in imported(read(path))} & picklers, title(path)
        for node in ast.walk(read(path)):
            if isinstance(node, ast.Attribute) and node.attr in ("save", "load"):
                assert ast.unparse(node) not in ("torch.save", "torch.load"), title(path)
            if isinstance(node, ast.ImportFrom) and node.module == "torch":
                assert not {alias.name for alias in node.names} & {"save", "load"}, title(path)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert ast.unparse(node.value) == "False", title(path)


def test_every_module_has_a_docstring():
    assert [title(path) for path in SOURCES if not ast.get_docstring(read(path))] == []


def test_no_bare_except():
    assert [f"{title(path)}:{node.lineno}" for path in SOURCES for node in ast.walk(read(path))
            if isinstance(node, ast.ExceptHandler) and not node.type] == []


@pytest.mark.parametrize(("sources", "lists"), [
    (SOURCES, ["requirements.txt"]), (TESTS, ["requirements.txt", "tests/requirements.txt"]),
], ids=["project", "tests"])
def test_everything_imported_is_required(sources, lists):
    lines = "\n".join((ROOT / name).read_text() for name in lists)
    required = {name.lower() for name in re.findall(r"^[\w-]+", lines, re.MULTILINE)}
    own = {"genmodels", "app", "train", "tests", *(path.stem for path in TESTS), *(path.parent.name for path in TESTS)}
    for path in sources:
        outside = {module.split(".")[0] for module in imported(read(path))} - own - set(sys.stdlib_module_names)
        assert {PROVIDES.get(name, name).lower() for name in outside} <= required, title(path)


# ---- Files


def listed() -> list[str]:
    """Files that git tracks, or would add."""
    command = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


needs_git = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")


@needs_git
def test_top_level_has_no_other_files():
    assert {name for name in (file.split("/")[0] for file in listed()) if not name.startswith(".")} <= TOP_LEVEL


@needs_git
def test_no_paths_of_a_machine():
    pattern = re.compile(rb"(?<![\w.:/-])/(?:work|home|root|mnt|opt|Users)/\w|[A-Z]:\\\\?Users")
    for file in listed():
        path = ROOT / file
        if path.is_file() and path.suffix in {".py", ".md", ".txt", ".json", ".toml", ".js", ".css", ".html", ""}:
            assert not pattern.search(path.read_bytes()), file


@needs_git
def test_only_weights_are_larger_than_1_mb():
    large = [file for file in listed() if (ROOT / file).is_file() and (ROOT / file).stat().st_size > 1_000_000]
    assert not [file for file in large if not re.fullmatch(r"checkpoints/\w+/weights\.safetensors", file)]


def test_readme_names_the_required_gradio_version():
    """Hugging Face Spaces read the README's header: there the app must run on the version it was tested with."""
    _, header, _ = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    sdk = re.search(r"^sdk_version:\s*[\"']?([\d.]+)", header, re.MULTILINE)
    pin = re.search(r"^gradio==([\d.]+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert sdk and pin and sdk[1] == pin[1]
    assert re.search(r"^app_file:\s*app\.py$", header, re.MULTILINE)


@pytest.mark.parametrize("command", ["pip install -r requirements.txt", "python app.py",
                                     "pip install -r tests/requirements.txt", "python -m pytest"])
def test_readme_has_the_commands_that_ci_runs(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text()
