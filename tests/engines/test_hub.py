"""Fetching models from a hub of our own on this machine, in a process of its own, as the hub's address is read once."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.engines.default import make_default
from pipeline.engines.hub import HUB_ID, is_trocr
from pipeline.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent.parent
COMMIT = "0123456789abcdef0123456789abcdef01234567"
REVISIONS = {"main": COMMIT, "v1": COMMIT, "v2": COMMIT[::-1]} | {commit: commit for commit in (COMMIT, COMMIT[::-1])}
TROCR = {
    "config.json": json.dumps({"model_type": "vision-encoder-decoder"}).encode(),
    "preprocessor_config.json": b"{}",
    "merges.txt": b"#version: 0.2\n",
    "model.safetensors": b"weights" * 1000,
    "pytorch_model.bin": b"the same weights again" * 1000,
    "README.md": b"words",
}
OLD_TROCR = {name: data for name, data in TROCR.items() if name != "model.safetensors"}
BERT = {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"weights" * 1000}
EMPTY = {"config.json": TROCR["config.json"]}
MODELS = {"lab/trocr": TROCR, "lab/old": OLD_TROCR, "lab/bert": BERT, "lab/empty": EMPTY}


class Hub(BaseHTTPRequestHandler):
    """As much of huggingface.co as a download needs."""

    fetched: list[str]

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        path = self.path.split("?")[0]
        for model, files in MODELS.items():
            for revision, commit in REVISIONS.items():
                about = f"/api/models/{model}"
                if path == f"{about}/revision/{revision}" or (path == about and revision == "main"):
                    siblings = [{"rfilename": name} for name in files]
                    answer = {"_id": "1", "id": model, "sha": commit, "private": False, "siblings": siblings}
                    return self._send_json(answer, body)
                if path == f"{about}/tree/{revision}":
                    sizes = {name: len(data) for name, data in files.items()}
                    tree = [{"type": "file", "path": name, "size": size, "oid": "0"} for name, size in sizes.items()]
                    return self._send_json(tree, body)
                for name, data in files.items():
                    if path == f"/{model}/resolve/{revision}/{name}":
                        if body:
                            self.fetched.append(name)
                        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": commit}
                        return self._send(200, data, headers, body)
            if path.startswith((f"/api/models/{model}/", f"/{model}/")):
                return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
        self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)

    def _send_json(self, answer: object, body: bool) -> None:
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"}, body)

    def _send(self, status: int, data: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """The address of a hub, and the names of the files fetched from it."""
    fetched: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("ThisHub", (Hub,), {"fetched": fetched}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", fetched
    server.shutdown()
    server.server_close()


def fetch(model: str, home: Path, address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return models("pull", model, home=home, address=address, **environment)


def models(*arguments: str, home: Path, address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m pipeline models`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGINGFACE", "http"))}
    ours |= {
        "HF_HOME": str(home),
        "INKLINE_DATA": str(home / "data"),
        "HF_ENDPOINT": address,
        "NO_PROXY": "127.0.0.1",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "models", *arguments], cwd=ROOT, env=ours, capture_output=True, text=True
    )


def test_a_model_is_fetched_once_and_then_found_without_network(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    address, fetched = hub
    first = fetch("lab/trocr", tmp_path, address)
    assert first.returncode == 0, first.stderr
    folder = Path(first.stdout.strip())
    assert is_trocr(folder)
    # Weights come once, in the safer format.
    assert sorted(fetched) == ["config.json", "merges.txt", "model.safetensors", "preprocessor_config.json"]
    again = fetch("lab/trocr", tmp_path, "http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_older_models_come_with_the_weights_they_have(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    address, fetched = hub
    assert fetch("lab/old", tmp_path, address).returncode == 0
    assert "pytorch_model.bin" in fetched


def test_what_is_no_trocr_is_not_downloaded(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    address, fetched = hub
    answer = fetch("lab/bert", tmp_path, address)
    assert answer.returncode == 7
    assert answer.stderr.strip().endswith("lab/bert is not a TrOCR model, so Inkline can't read with it.")
    assert fetched == ["config.json"]


def test_a_model_without_weights_is_refused(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    answer = fetch("lab/empty", tmp_path, hub[0])
    assert answer.returncode == 7
    assert "lab/empty has no weights" in answer.stderr


def test_a_model_the_hub_does_not_have_is_named(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    answer = fetch("lab/nothing", tmp_path, hub[0])
    assert answer.returncode == 7
    assert "There is no model lab/nothing on the Hugging Face hub" in answer.stderr


def test_a_revision_is_a_model_of_its_own_until_it_is_removed(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    place = {"home": tmp_path, "address": hub[0]}
    pulled = models("pull", "lab/trocr@v2", **place)
    assert Path(pulled.stdout.strip()).name == REVISIONS["v2"], pulled.stderr
    rows = [row.split("\t") for row in models("list", **place).stdout.splitlines()]
    assert ["crnn", "came with Inkline"] in [row[:2] for row in rows]
    assert ["microsoft/trocr-small-handwritten", "TrOCR", "not on this machine"] in rows
    assert [row[:2] for row in rows if row[0].startswith("lab/")] == [["lab/trocr@v2", "TrOCR"]]
    shown = models("show", "lab/trocr@v2", **place)
    assert f"folder\t{pulled.stdout.strip()}" in shown.stdout.splitlines()
    removed = models("remove", "lab/trocr@v2", **place)
    assert removed.stdout.startswith("Removed lab/trocr@v2:"), removed.stderr
    assert "lab/" not in models("list", **place).stdout
    again = models("remove", "lab/trocr@v2", **place)
    assert (again.returncode, again.stderr.strip()) == (8, "lab/trocr@v2 is not on this machine.")


def test_what_was_made_beside_a_model_goes_with_it(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    place = {"home": tmp_path, "address": hub[0]}
    assert models("pull", "lab/trocr", **place).returncode == 0
    (weights,) = tmp_path.rglob("model.safetensors")
    (weights.parent / "encoder-int8-1-1.onnx").write_bytes(b"eight bits")
    removed = models("remove", "lab/trocr", **place)
    assert removed.stdout.startswith("Removed lab/trocr:"), removed.stderr
    assert not list(tmp_path.rglob("encoder-int8*"))


def test_two_names_of_the_same_files_are_removed_one_at_a_time(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    place = {"home": tmp_path, "address": hub[0]}

    def names() -> list[str]:
        rows = models("list", **place).stdout.splitlines()
        return [row.split("\t")[0] for row in rows if row.startswith("lab/")]

    for name in ("lab/trocr", "lab/trocr@v1"):
        assert models("pull", name, **place).returncode == 0
    assert names() == ["lab/trocr", "lab/trocr@v1"]
    assert models("remove", "lab/trocr@v1", **place).stdout == "Removed lab/trocr@v1: 0.0 MB.\n"
    assert names() == ["lab/trocr"]
    assert models("remove", "lab/trocr", **place).returncode == 0
    assert names() == []


def test_the_model_that_reads_is_not_removed_by_any_of_its_names(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    place = {"home": tmp_path, "address": hub[0]}
    for name in ("lab/trocr", "lab/trocr@v1", "lab/trocr@v2"):
        assert models("pull", name, **place).returncode == 0
    make_default("lab/trocr@v1", replace(read_settings({}), data_dir=tmp_path / "data"))
    for name in ("lab/trocr@v1", f"lab/trocr@{COMMIT}", "lab/trocr"):
        refused = models("remove", name, **place)
        assert refused.returncode == 8
        assert refused.stderr.strip() == "lab/trocr@v1 is the model that reads now. Choose another one first."
    for name in ("lab/trocr@main", "lab/trocr@v2"):  # others, whose going does it no harm
        assert models("remove", name, **place).returncode == 0
    assert models("show", "lab/trocr@v1", **place).returncode == 0


def test_a_revision_the_hub_does_not_have_is_named(hub: tuple[str, list[str]], tmp_path: Path) -> None:
    answer = fetch("lab/trocr@v3", tmp_path, hub[0])
    assert answer.returncode == 7
    assert "lab/trocr has no revision v3" in answer.stderr


@pytest.mark.parametrize("offline", ["0", "1"])
def test_without_a_network_the_command_that_fetches_is_said_at_once(tmp_path: Path, offline: str) -> None:
    started = time.monotonic()
    answer = fetch("trocr-small", tmp_path, "http://127.0.0.1:9", HF_HUB_OFFLINE=offline)
    assert answer.returncode == 7
    assert "run: python -m pipeline models pull microsoft/trocr-small-handwritten" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert time.monotonic() - started < 30  # huggingface_hub left alone tries for longer


@pytest.mark.parametrize(
    "name", ["microsoft/trocr-base-handwritten", "a/b", "Some_1/m.o-d_el", "a/b@v1.0", "a/b@refs/pr/3"]
)
def test_hub_ids_have_an_owner_and_a_name(name: str) -> None:
    assert HUB_ID.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["trocr", "/a", "a/", "a/b/c", "../b", "./b", "a b/c", "https://host/model", "a@b", "a/b@", "a/b@../c"]
)
def test_paths_and_words_are_no_hub_ids(name: str) -> None:
    assert not HUB_ID.fullmatch(name)
