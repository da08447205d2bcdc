"""app.py from the command line."""

from __future__ import annotations

import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT

import app
from genmodels import checkpoint, data, registry
from genmodels.ui import page, reference
from genmodels.ui.command_line import missing_data, read_logins, root_path
from genmodels.ui.reference import ReferenceImages
from ui.helpers import damage


@pytest.fixture
def shipped(copy, monkeypatch):
    """Checkpoints that a test may damage, in place of the shipped ones."""
    for name in ("list_checkpoints", "load"):
        monkeypatch.setattr(checkpoint, name, partial(getattr(checkpoint, name), root=copy))
    return copy


def test_selfcheck_passes_intact_checkpoints(shipped, capsys):
    assert app.main(["--selfcheck"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert [line.split() for line in printed.out.splitlines()] == [["ok", name] for name in registry.CHECKPOINTS]


def test_selfcheck_names_broken_checkpoints_and_their_remedy(shipped, capsys):
    damage(shipped, "cgan")
    shutil.rmtree(shipped / "vae2d")
    (shipped / "gan" / checkpoint.CARD).write_text("{")
    assert app.main(["--selfcheck"]) == 1
    printed = capsys.readouterr()
    broken, intact = printed.err.splitlines(), printed.out.split()
    assert len(broken) == 3 and all(line.startswith("broken  ") for line in broken)
    for line, words in zip(broken, ("'gan' is damaged", "'cgan' is damaged", "'vae2d' is missing"), strict=True):
        assert words in line and "make it with: python train.py" in line
    assert "dcgan" in intact and "cgan" not in intact


def test_a_port_that_is_taken_is_reported_in_one_line(root, monkeypatch, capsys):
    monkeypatch.setattr(page, "build_demo", partial(page.build_demo, root))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert app.main(["--host", "127.0.0.1", "--port", str(taken.getsockname()[1])]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("app.py: ") and "port" in lines[0]


def test_flags_reach_the_server(monkeypatch):
    given = {}
    monkeypatch.setattr(page, "build_demo", lambda watched: SimpleNamespace(launch=given.update))
    assert app.main(["--host", "0.0.0.0", "--port", "7", "--auth", "anna:x", "--root-path", "/demo/"]) == 0
    assert given == {"server_name": "0.0.0.0", "server_port": 7, "auth": [("anna", "x")], "root_path": "/demo"}


def test_a_fault_in_the_page_is_not_reported_as_bad_input(monkeypatch):
    monkeypatch.setattr(page, "build_demo", lambda watched: int("typo"))
    with pytest.raises(ValueError, match="typo"):
        app.main([])


def test_bad_input_does_not_end_the_reloader_s_thread(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app.py", "--auth", "anna"])
    with ThreadPoolExecutor() as threads:
        threads.submit(runpy.run_path, str(ROOT / "app.py"), run_name="__main__").result()


@pytest.mark.parametrize("flags, words", [
    (["--auth", "anna"], "--auth is no USER:PASSWORD"), (["--auth", "anna:"], "--auth is no USER:PASSWORD"),
    (["--auth", "@{folder}/none"], "No such file"), (["--auth", "@{folder}"], "Is a directory"),
    (["--auth", "@{folder}/empty"], "no login in"), (["--auth", "@{folder}/binary"], "no text file"),
    (["--auth", "@{folder}/logins"], "line 4 of"),
    (["--root-path", "demo"], "such as /demo"), (["--root-path", "ftp://host/demo"], "such as /demo"),
    (["--watch", "{folder}/none"], "no folder"), (["--watch", "{folder}"], "not the folder of a run"),
    (["--watch", "{folder}/empty"], "no folder"), (["--port", "99999"], "port"), (["--port", "x"], "--port"),
    (["--bad"], "--bad"),
], ids=" ".join)
def test_bad_flags_are_reported_in_one_line(root, tmp_path, monkeypatch, capsys, flags, words):
    monkeypatch.setattr(page, "build_demo", partial(page.build_demo, root))
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00a:b")
    (tmp_path / "logins").write_text("# user:password\n\nanna:a:b\nhunter2\n")
    try:
        status = app.main([flag.format(folder=tmp_path) for flag in flags])
    except SystemExit as left:
        status = left.code
    lines = capsys.readouterr().err.splitlines()
    assert status == 2 and len(lines) == 1 and lines[0].startswith("app.py: ") and words in lines[0]
    assert "hunter2" not in lines[0]


def test_the_server_may_open_as_many_connections_as_the_system_allows():
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, limits[1]))
        app.raise_file_limit()
        assert 200 < resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= app.MAX_FILES
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_logins_come_from_the_command_line_and_from_files(tmp_path):
    (tmp_path / "logins").write_text("\ufeff# user:password\nanna:with:colon \n\nben:b\r\n")
    assert read_logins([]) is None
    assert read_logins(["carl:c", f"@{tmp_path / 'logins'}", "ben:later"]) == [
        ("carl", "c"), ("anna", "with:colon "), ("ben", "later")]


def test_a_root_path_has_no_last_slash():
    assert [root_path(given) for given in (None, "", "/", "/demo/", "https://host.org/a/demo")] == [
        None, "", "", "/demo", "https://host.org/a/demo"]


IMAGES = np.ones((1, 28, 28), np.uint8)


def read_split(name: str, root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """In place of the reader of MNIST, which wants all of its files."""
    if not (root / name / "raw").is_dir():
        raise data.DataError(name)
    return IMAGES, np.zeros(1, np.uint8)


@pytest.mark.parametrize("beside", [True, False], ids=["beside the project", "here"])
def test_data_sets_are_found_from_any_folder(tmp_path, monkeypatch, beside):
    project, here = tmp_path / "a project", tmp_path / "here"
    for folder in (project, here):
        folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("GENMODELS_DATA")
    monkeypatch.setattr(reference, "PROJECT", project)
    monkeypatch.setattr(reference.mnist, "read_split", read_split)
    (project / "data").mkdir()  # empty
    assert str(project / "data") in missing_data() and str(here / "data") in missing_data()
    assert ReferenceImages().training_images("mnist") is None
    found = (project if beside else here) / "data"
    (found / "MNIST" / "raw").mkdir(parents=True)
    assert missing_data() == "" and (ReferenceImages().training_images("mnist") == IMAGES).all()
    monkeypatch.setenv("GENMODELS_DATA", str(tmp_path / "elsewhere"))
    assert "elsewhere" in missing_data() and ReferenceImages().training_images("mnist") is None


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc, which tells when a process catches signals")
@pytest.mark.parametrize("seconds", [0, 0.7])
def test_a_server_that_is_still_starting_ends_cleanly(tmp_path, temporary, seconds):
    """From another folder, too."""
    started = subprocess.Popen([sys.executable, ROOT / "app.py"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not catches(started.pid, signal.SIGTERM):
        assert started.poll() is None
        time.sleep(0.01)
    time.sleep(seconds)
    started.send_signal(signal.SIGTERM)
    assert started.communicate(timeout=10)[1] == "" and started.returncode == 0


def catches(process: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{process}/status").read_text())
    return bool(int(caught[1], 16) >> (number - 1) & 1)
