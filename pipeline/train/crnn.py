"""The CRNN's training loop, from labelled lines to an ONNX file that the engine serves."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader

from pipeline.train.data import Lines, Sample, WidthBatches, collate
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a CRNN is trained. Rates are for AdamW, lengths in epochs."""

    epochs: int = 12
    batch_size: int = 16
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.01
    shortcut_weight: float = 0.1
    seed: int = 7


class Charset:
    """Characters as class numbers; 0 is CTC's blank."""

    def __init__(self, characters: str):
        self.characters = characters
        self.numbers = {character: number for number, character in enumerate(characters, 1)}

    def encode(self, text: str) -> list[int]:
        return [self.numbers[character] for character in text if character in self.numbers]

    def decode(self, path: list[int]) -> str:
        """Greedy CTC decoding: collapse repeats, drop blanks."""
        kept = [n for i, n in enumerate(path) if n and (i == 0 or n != path[i - 1])]
        return "".join(self.characters[n - 1] for n in kept)


def ctc_loss(log_probs: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    loss = nn.functional.ctc_loss(log_probs.transpose(0, 1), targets, lengths, target_lengths,
                                  reduction="none", zero_infinity=True)  # fmt: skip
    return (loss / target_lengths.clamp(min=1)).mean()


def steps_of(widths: Tensor) -> Tensor:
    """Time steps of lines `widths` pixels wide."""
    return (widths + CRNN.STRIDE - 1) // CRNN.STRIDE


def train(samples: list[Sample], dev: dict[str, list[Sample]], out: Path, recipe: Recipe, log: Log = print) -> float:
    """Train from scratch, or go on where `out` holds a checkpoint. Returns the best mean dev CER.

    After each epoch `out` holds `checkpoint.pt`, `curve.jsonl`, and the best model so far as
    `model.safetensors` and `model.json`.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    charset = Charset("".join(sorted({character for sample in samples for character in sample.text})))
    model = CRNN(len(charset.characters) + 1).to(device, memory_format=torch.channels_last)
    lines = Lines(samples, seed=recipe.seed)
    batches = WidthBatches([sample.width() for sample in samples], recipe.batch_size, recipe.seed)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, pct_start=0.15,
                                                   total_steps=recipe.epochs * len(batches))  # fmt: skip
    first, best = 0, float("inf")
    if (out / "checkpoint.pt").exists():
        state = torch.load(out / "checkpoint.pt", weights_only=True, map_location=device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["rng"].cpu())
        first, best = state["epoch"], state["best"]
    log(f"{len(samples)} lines, {len(charset.characters)} characters, {sum(p.numel() for p in model.parameters()):,} parameters")
    for epoch in range(first, recipe.epochs):
        lines.epoch = batches.epoch = epoch
        loss = _epoch(model, lines, batches, charset, optimizer, schedule, recipe, device, log)
        rates = {name: evaluate(model, charset, part, device) for name, part in dev.items()}
        mean = sum(rates.values()) / max(len(rates), 1)
        row = {"epoch": epoch + 1, "loss": round(loss, 4), "cer": {name: round(rate, 5) for name, rate in rates.items()}}
        with (out / "curve.jsonl").open("a") as curve:
            curve.write(json.dumps(row) + "\n")
        log(json.dumps(row))
        if mean <= best:
            best = mean
            save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / "model.safetensors")
            about = {"characters": charset.characters, "recipe": asdict(recipe), **row}
            (out / "model.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict(),
                 "rng": torch.get_rng_state(), "epoch": epoch + 1, "best": best}  # fmt: skip
        torch.save(state, out / "checkpoint.new")
        os.replace(out / "checkpoint.new", out / "checkpoint.pt")
    return best


def _epoch(model: CRNN, lines: Lines, batches: WidthBatches, charset: Charset, optimizer: torch.optim.Optimizer,
           schedule: torch.optim.lr_scheduler.LRScheduler, recipe: Recipe, device: torch.device, log: Log) -> float:  # fmt: skip
    model.train()
    loader = DataLoader(lines, batch_sampler=batches, collate_fn=collate, num_workers=1, prefetch_factor=8)
    total, started = 0.0, time.monotonic()
    for step, (images, widths, texts) in enumerate(loader, 1):
        codes = [charset.encode(text) for text in texts]
        targets = torch.tensor([number for code in codes for number in code])
        target_lengths = torch.tensor([len(code) for code in codes])
        x = (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            main, aside = model.forward_training(x)
        times = steps_of(widths)
        loss = ctc_loss(main, times, targets, target_lengths)
        loss = loss + recipe.shortcut_weight * ctc_loss(aside, times, targets, target_lengths)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 100 == 0:
            done = time.monotonic() - started
            log(f"  {step}/{len(batches)} loss {total / step:.3f} {step * recipe.batch_size / done:.0f} lines/s")
    return total / max(len(batches), 1)


@torch.inference_mode()
def evaluate(model: CRNN, charset: Charset, samples: list[Sample], device: torch.device) -> float:
    """Greedy CER of `samples`."""
    model.eval()
    widths = [sample.width() for sample in samples]
    order = sorted(range(len(samples)), key=widths.__getitem__)
    groups = [order[i : i + 16] for i in range(0, len(order), 16)]
    pairs = []
    for images, sizes, texts in DataLoader(Lines(samples), batch_sampler=groups, collate_fn=collate):
        with torch.autocast(device.type, torch.bfloat16):
            x = (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)
            columns = model.columns(x).float()
        y, _ = model.rnn(columns.transpose(1, 2))
        paths = model.head(y).argmax(-1).cpu()
        for path, time_steps, text in zip(paths, steps_of(sizes), texts, strict=True):
            pairs.append((text, charset.decode(path[:time_steps].tolist())))
    return error_rate(pairs)


def load(folder: Path) -> tuple[CRNN, Charset, dict[str, object]]:
    """The model, its characters and what is known of it, from a training folder."""
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    charset = Charset(about["characters"])
    model = CRNN(len(charset.characters) + 1)
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval(), charset, about
