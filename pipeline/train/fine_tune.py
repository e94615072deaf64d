"""Fine-tuning a network on few lines of one hand without forgetting all others."""

import copy
import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from pipeline.engines.precision import autocast
from pipeline.train.crnn import LEAST_LENGTH, CRNNLearner, channels_last, ctc_loss, ink_of, steps_of
from pipeline.train.data import Labelled, Lines, collate
from pipeline.train.metrics import error_rate
from pipeline.train.network import CRNN

Weights = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a hand is learned."""

    passes: int = 40  # over the confirmed lines, drawn differently each time
    batch_size: int = 8
    learning_rate: float = 2e-3  # of AdamW, at its highest
    warm_up: float = 0.1  # of the whole training
    replay: float = 1.0  # general lines for each confirmed one
    distillation: float = 1.0  # weight of reading general lines as before
    held_back: float = 0.2  # of the confirmed lines
    blends: tuple[float, ...] = (
        1.0,
        0.8,
        0.65,
        0.5,
        0.35,
        0.2,
    )  # how far to go from the old weights to the learned ones
    caution: float = 0.25  # weight of general lines being read otherwise, when a blend is chosen
    looks: int = 6  # batches of general lines that tell it
    seconds: float = 110.0  # of training; a slow machine makes fewer passes
    seed: int = 7

    def rate_at(self, progress: float) -> float:
        """Learning rate when `progress` (0..1) of the training is done: a straight rise, then a cosine to zero."""
        if progress < self.warm_up:
            return self.learning_rate * progress / self.warm_up
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (progress - self.warm_up) / (1 - self.warm_up)))


@dataclass(frozen=True, slots=True)
class Row:
    """A point of the learning curve: `progress` 0..1, the training loss since the last one, held-back loss and CER."""

    progress: float
    seconds: float
    loss: float
    held_back_loss: float
    held_back_cer: float


@dataclass(frozen=True, slots=True)
class Score:
    """How a network reads some lines: CTC loss a character, and CER, decoded greedily."""

    loss: float
    cer: float
    texts: tuple[str, ...]


def split(samples: Sequence[Labelled], plan: Plan) -> tuple[list[Labelled], list[Labelled]]:
    """Lines to learn from, and lines held back to judge by: spread evenly over the order in which they came."""
    count = max(round(len(samples) * plan.held_back), 1)
    rng = random.Random(plan.seed)
    bounds = [round(part * len(samples) / count) for part in range(count + 1)]
    chosen = {rng.randrange(start, stop) for start, stop in itertools.pairwise(bounds)}
    return (
        [sample for number, sample in enumerate(samples) if number not in chosen],
        [samples[number] for number in sorted(chosen)],
    )


def learn(
    start: CRNNLearner,
    lines: Sequence[Labelled],
    general: Sequence[Labelled],
    held_back: Sequence[Labelled],
    plan: Plan,
    on_row: Callable[[Row], None] = lambda row: None,
    on_step: Callable[[float], None] = lambda progress: None,
) -> CRNNLearner:
    """A copy of `start` that has learned `lines`, and on `general` ones still reads what `start` does.

    The statistics of batch norm stay those of all the hands: 40 lines of one are too few and too alike. Own and general
    lines are worked on at the same time, each by one core: so few lines leave little for more cores to share.
    """
    torch.manual_seed(plan.seed)
    pupil = copy.deepcopy(start)
    model = channels_last(pupil.model)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
    own, stay = _Stream(lines, plan, 0), _Stay(model, start.model, _Stream(general, plan, 1), plan.distillation)
    steps = max(math.ceil(plan.passes * len(lines) / plan.batch_size), 1)
    began, losses = time.monotonic(), []
    progress, owed, reported = 0.0, 0.0, 0.0
    step = 0
    with one_core_each(), ThreadPoolExecutor(1) as beside:
        while progress < 1:
            _train_mode(model)
            progress = max((step + 1) / steps, (time.monotonic() - began) / plan.seconds)
            for group in optimizer.param_groups:
                group["lr"] = plan.rate_at(min(progress, 1.0))
            optimizer.zero_grad(set_to_none=True)
            owed += plan.replay if general else 0
            staying = beside.submit(stay.work) if owed >= 1 else None
            loss = pupil.loss(*own.next())
            loss.backward()
            if staying:
                owed -= 1
                staying.result()
                stay.give_gradients()
            nn.utils.clip_grad_norm_(model.parameters(), 3.0)
            optimizer.step()
            losses.append(loss.item())
            step += 1
            on_step(min(progress, 1.0))
            if progress >= min(reported + 0.1, 1.0):
                score = measure(pupil, held_back)
                mean = sum(losses) / len(losses)
                on_row(Row(min(progress, 1.0), time.monotonic() - began, mean, score.loss, score.cer))
                reported, losses = progress, []
    model.eval()
    return pupil


@contextmanager
def one_core_each() -> Iterator[None]:
    """Each thread does its work alone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Stream:
    """Endless augmented batches of some lines, of like lengths."""

    def __init__(self, samples: Sequence[Labelled], plan: Plan, salt: int):
        self.lines, self.size = Lines(samples, CRNNLearner.prepare, seed=plan.seed + salt), plan.batch_size
        self.random = random.Random(plan.seed + salt)
        self.lengths = [len(sample.text) for sample in samples]
        self.waiting: list[list[int]] = []

    def next(self) -> tuple[Tensor, Tensor, list[str]]:
        if not self.waiting:
            self.lines.epoch += 1
            order = list(range(len(self.lengths)))
            self.random.shuffle(order)
            # Sorting pieces of the shuffled order: little padding, and other company each time.
            for start in range(0, len(order), 4 * self.size):
                piece = sorted(order[start : start + 4 * self.size], key=self.lengths.__getitem__)
                self.waiting += [piece[i : i + self.size] for i in range(0, len(piece), self.size)]
            self.random.shuffle(self.waiting)
        return collate([self.lines[number] for number in self.waiting.pop()])


def _train_mode(model: CRNN) -> None:
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


class _Stay:
    """Holds a model to what its teacher reads in general lines, on a twin that shares its weights but no gradients.

    The twin drops nothing out, so that the same seed gives the same model whichever thread is quicker.
    """

    def __init__(self, model: CRNN, teacher: CRNN, lines: _Stream, weight: float):
        self.model, self.teacher, self.lines, self.weight = model, teacher.eval(), lines, weight
        self.twin = copy.deepcopy(model).eval()
        for ours, theirs in zip(self.twin.parameters(), model.parameters(), strict=True):
            ours.data = theirs.data

    def work(self) -> None:
        """Leave the gradients of the next batch in the twin."""
        (self.weight * staying_loss(self.twin, self.teacher, self.lines.next())).backward()

    def give_gradients(self) -> None:
        """Add them to the model's."""
        for ours, theirs in zip(self.twin.parameters(), self.model.parameters(), strict=True):
            if ours.grad is not None and theirs.grad is not None:
                theirs.grad.add_(ours.grad)
            ours.grad = None


def staying_loss(model: CRNN, teacher: CRNN, batch: tuple[Tensor, Tensor, list[str]]) -> Tensor:
    """How far the model's readings are from the teacher's: KL divergence a character (Li and Hoiem 2016)."""
    images, widths, texts = batch
    device = next(model.parameters()).device
    ink = ink_of(images, device)
    with autocast(device.type):
        with torch.no_grad():
            before = teacher(ink).float()
        now = model(ink).float()
    inside = torch.arange(now.shape[1], device=device)[None] < steps_of(widths).to(device)[:, None]
    apart = functional.kl_div(now, before, reduction="none", log_target=True).sum(-1)
    return (apart * inside).sum() / sum(max(len(text), LEAST_LENGTH) for text in texts)


@torch.inference_mode()
def measure(learner: CRNNLearner, samples: Sequence[Labelled]) -> Score:
    """Read lines as they are; sorting them by width would not pay for so few. The loss is that of what is read."""
    model, charset = learner.model.eval(), learner.charset
    device = next(model.parameters()).device
    pairs, losses = [], []
    for images, widths, texts in DataLoader(Lines(samples, CRNNLearner.prepare), batch_size=8, collate_fn=collate):
        with autocast(device.type):
            outputs = model(ink_of(images, device)).float()
        codes = [charset.encode(text) for text in texts]
        targets = torch.tensor([number for code in codes for number in code])
        loss = ctc_loss(outputs, steps_of(widths), targets, torch.tensor([len(code) for code in codes]))
        losses.append(loss.item() * len(texts))
        for output, steps, text in zip(outputs.argmax(-1).cpu(), steps_of(widths), texts, strict=True):
            pairs.append((text, charset.decode(output[:steps].tolist())))
    return Score(sum(losses) / max(len(pairs), 1), error_rate(pairs), tuple(read for _, read in pairs))


def blend(start: Weights, learned: Weights, share: float) -> Weights:
    """Weights on the way from `start` (0) to `learned` (1); between them little is forgotten (Wortsman et al. 2022)."""
    return {
        name: torch.lerp(old, learned[name], share) if old.is_floating_point() else old for name, old in start.items()
    }


def choose_blend(
    start: CRNNLearner,
    learned: CRNNLearner,
    held_back: Sequence[Labelled],
    general: Sequence[Labelled],
    plan: Plan,
) -> tuple[float, Score]:
    """Which of the plan's blends is best, by its loss on held-back lines and how far general ones are read otherwise.

    So a hand that is read badly is worth going far for, and one that is read well is not.
    """
    trial, lines = copy.deepcopy(start), _Stream(general, plan, 2)
    batches = [lines.next() for _ in range(min(len(general) // plan.batch_size, plan.looks))]
    losses: dict[float, float] = {}
    scores: dict[float, Score] = {}
    for share in plan.blends:
        trial.model.load_state_dict(blend(start.model.state_dict(), learned.model.state_dict(), share))
        scores[share] = measure(trial, held_back)
        with torch.inference_mode():
            strayed = sum(float(staying_loss(trial.model, start.model, batch)) for batch in batches)
        losses[share] = scores[share].loss + plan.caution * strayed / max(len(batches), 1)
    best = min(losses, key=losses.__getitem__)
    return best, scores[best]
