"""`models`: list the models there are, fetch TrOCRs from the Hugging Face hub, show one, remove one."""

import argparse
from typing import TYPE_CHECKING

from pipeline.engines import TROCR_MODELS
from pipeline.engines.default import default_model
from pipeline.engines.hub import fetch_command, model_folder
from pipeline.models import Model, find_model, list_models, remove_model
from pipeline.settings import read_settings

if TYPE_CHECKING:
    from pipeline.cli.common import Commands

KINDS = {"own": "made here", "shipped": "came with Inkline", "trocr": "TrOCR"}
MODEL = "a name from the list, trocr-small, trocr-base, trocr-large, a folder, OWNER/MODEL or OWNER/MODEL@REVISION"


def add_to(commands: "Commands") -> None:
    parser = commands.add_parser("models", help="list, fetch, show and remove models", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    actions.add_parser("list", help="print the models there are: name, kind and size, with TABs between").set_defaults(
        run=show_list, when_stopped="Nothing was changed."
    )
    for name, run, words, when_stopped in (
        ("pull", pull, "put a TrOCR on this machine and print its folder", "The same command goes on from here."),
        ("show", show, "print what is known of a model", "Nothing was changed."),
        (
            "remove",
            remove,
            "remove a model made here, or a TrOCR that was fetched",
            "The model may be removed in part.",
        ),
    ):
        action = actions.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        action.add_argument("model", metavar="MODEL", help=MODEL)
        action.set_defaults(run=run, when_stopped=when_stopped)


def show_list(args: argparse.Namespace) -> int:
    settings = read_settings()
    reads = default_model(settings)
    for model in list_models(settings):
        chosen = ["chosen"] if model.name == reads else []
        print(model.name, KINDS[model.kind], _size(model), *chosen, sep="\t")
    return 0


def pull(args: argparse.Namespace) -> int:
    print(model_folder(TROCR_MODELS.get(args.model, args.model)))
    return 0


def show(args: argparse.Namespace) -> int:
    model = find_model(TROCR_MODELS.get(args.model, args.model), read_settings())
    rows = {
        "name": model.name,
        "kind": KINDS[model.kind],
        "size": _size(model),
        "folder": model.folder or f"to fetch it, run: {fetch_command(model.name)}",
        "made": f"{model.made:%Y-%m-%d %H:%M} UTC" if model.made else "",
        "learned from": model.adapted.get("from", ""),
        **{f"CER on {data}": f"{cer:.2%}" for data, cer in model.cers.items()},
    }
    for name, value in rows.items():
        if value:
            print(name, value, sep="\t")
    if model.card:
        print(f"\n{model.card.strip()}")
    return 0


def remove(args: argparse.Namespace) -> int:
    print(f"Removed {args.model}: {remove_model(args.model, read_settings()) / 1e6:.1f} MB.")
    return 0


def _size(model: Model) -> str:
    return f"{model.bytes / 1e6:.1f} MB" if model.folder else "not on this machine"
