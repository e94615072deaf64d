"""Imports point one way: pages, api, cli -> digitize, jobs -> steps, engines, store, export -> document."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "pipeline").rglob("*.py"))
HEAVY = {"torch", "transformers", "onnxruntime", "onnx"}
# What stands above must not be imported from below.
TOP = ("pipeline.api", "pipeline.cli")
MIDDLE = ("pipeline.digitize", "pipeline.jobs", "pipeline.exchange")


def imported(path: Path, *, at_top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_top_level_only else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_nothing_in_the_pipeline_imports_streamlit_or_the_screens(path: Path) -> None:
    assert not {name for name in imported(path) if within(name, ("streamlit", "pages", "streamlit_app"))}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_the_api_imports_fastapi(path: Path) -> None:
    if not within(module_name(path), ("pipeline.api",)):
        assert not {name for name in imported(path) if within(name, ("fastapi", "starlette", "uvicorn"))}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_lower_layers_do_not_import_higher_ones(path: Path) -> None:
    module = module_name(path)
    names = imported(path)
    if within(module, (*TOP, "pipeline.__main__")):
        return
    assert not {name for name in names if within(name, TOP)}
    if not within(module, MIDDLE):
        assert not {name for name in names if within(name, MIDDLE)}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_heavy_engines_are_imported_when_first_used(path: Path) -> None:
    if module_name(path).startswith(("pipeline.train.", "pipeline.engines.")):
        return
    assert not {name.split(".")[0] for name in imported(path, at_top_level_only=True)} & HEAVY


def test_the_document_model_imports_only_the_standard_library_and_numpy() -> None:
    names = {name.split(".")[0] for name in imported(ROOT / "pipeline" / "document.py")}
    assert names <= set(sys.stdlib_module_names) | {"numpy"}
