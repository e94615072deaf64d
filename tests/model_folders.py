"""Folders of models that are there in name only."""

import json
from pathlib import Path


def write_model(folder: Path, **about: object) -> str:
    """A model that can be listed but does not read; its name, which is its folder."""
    folder.mkdir(parents=True)
    for name in ("model.onnx", "model.safetensors"):
        (folder / name).touch()
    (folder / "README.md").write_text("What it was **trained** on.")
    (folder / "model.json").write_text(json.dumps({"characters": "ab", **about}))
    return str(folder)


def own_model(data_dir: Path, name: str, title: str = "") -> str:
    """One adapted to a hand, among the user's own."""
    adapted = {"title": title or name, "from": "crnn", "learned": 32, "before": 0.25, "after": 0.125}
    return write_model(data_dir / "models" / name, adapted=adapted)
