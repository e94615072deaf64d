"""Fine-tuning a network on few lines of one hand."""

import copy
import itertools
import math
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pipeline.engines.precision import autocast
from pipeline.train.crnn import LEAST_LENGTH, CRNNLearner, channels_last, ctc_losses, ink_of, steps_of
from pipeline.train.data import Labelled, Lines, collate
from pipeline.train.metrics import error_rate

Weights = dict[str, Tensor]
FAR_OFF = 1.6  # times the usual loss a character, at which a line's text is taken to be another line's


@dataclass(frozen=True, slots=True)
class Plan:
    """How a hand is learned."""

    passes: int = 25  # over the confirmed lines, drawn differently each time
    batch_size: int = 8
    learning_rate: float = 2e-3  # of AdamW, at its highest
    warm_up: float = 0.1  # of the whole training
    held_back: float = 0.2  # of the confirmed lines, from each of the two that learn; half of them at most
    seconds: float = 110.0  # of training; a slow machine makes fewer passes
    looked_over: float = 0.3  # of the training, after which lines that say something else than their texts are left out
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network reads in a line, and the CTC loss a character of what the line says."""

    text: str
    loss: float


def split(count: int, plan: Plan) -> tuple[list[int], list[int]]:
    """Numbers of the lines held back from the one and from the other of two that learn (`learn`).

    No line is held back from both, and both folds are spread evenly over the order in which the `count` lines came.
    """
    folds = max(round(count * plan.held_back), 1)
    rng = random.Random(plan.seed)
    bounds = [round(part * count / folds) for part in range(folds + 1)]
    pairs = [rng.sample(range(start, stop), 2) for start, stop in itertools.pairwise(bounds)]
    return [one for one, _ in pairs], [other for _, other in pairs]


def learn(
    start: CRNNLearner,
    lines: Sequence[Labelled],
    held_back: tuple[Sequence[int], Sequence[int]],
    plan: Plan,
    on_row: Callable[[Row], None] = lambda row: None,
    on_step: Callable[[float], None] = lambda progress: None,
) -> tuple[tuple[CRNNLearner, CRNNLearner], list[Labelled]]:
    """Two learners that go on from `start` and have learned `lines`, and those of them that were left out (`mistaken`).

    Each learns on a core of its own all lines but those held back from it (`split`), drawn differently each time. The
    mean of their weights reads better than either (docs/adapting.md). The rows tell of the first. Columns are hidden
    and dropped for the first only, so that the same seed gives the same models whichever core is quicker.
    """
    torch.manual_seed(plan.seed)
    one = _Pupil(start, lines, held_back[0], plan, plan.seed, by_chance=True)
    other = _Pupil(start, lines, held_back[1], plan, plan.seed + 1, by_chance=False)
    began, reported = time.monotonic(), 0.0
    losses: list[float] = []

    def after_step(progress: float, loss: float) -> None:
        nonlocal reported
        if at_the_other.done():
            at_the_other.result()  # raises what stopped it
        on_step(progress)
        losses.append(loss)
        if progress >= min(reported + 0.1, 1.0):
            score = measure(one.learner, [lines[number] for number in held_back[0]])
            mean = sum(losses) / len(losses)
            on_row(Row(progress, time.monotonic() - began, mean, score.loss, score.cer))
            reported = progress
            losses.clear()

    with one_core_each(), ThreadPoolExecutor(1) as beside:
        try:
            at_the_other = beside.submit(other.learn)
            one.learn(after_step)
            at_the_other.result()
        finally:
            other.stopped = True
    left_out = set(range(len(lines))) - one.learned - other.learned
    return (one.learner, other.learner), [lines[number] for number in sorted(left_out)]


class _Pupil:
    """A copy of a learner that learns by itself all lines but some."""

    def __init__(
        self,
        start: CRNNLearner,
        lines: Sequence[Labelled],
        held_back: Sequence[int],
        plan: Plan,
        seed: int,
        *,
        by_chance: bool,
    ):
        self.learner, self.lines, self.plan = copy.deepcopy(start), lines, plan
        self.learned = set(range(len(lines))) - set(held_back)  # numbers of lines
        self.stream = _Stream(lines, self.learned, plan.batch_size, seed)
        self.by_chance, self.stopped = by_chance, False
        if not by_chance:
            self.learner.model.rnn.dropout = 0.0

    def learn(self, after_step: Callable[[float, float], None] = lambda progress, loss: None) -> None:
        """Learn until the passes or the time are over. after_step: progress (0..1), loss."""
        plan, model = self.plan, channels_last(self.learner.model)
        optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.0)
        steps = max(math.ceil(plan.passes * len(self.learned) / plan.batch_size), 1)
        began, step, progress, looked_over = time.monotonic(), 0, 0.0, False
        while progress < 1 and not self.stopped:
            step += 1
            progress = min(max(step / steps, (time.monotonic() - began) / plan.seconds), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = plan.rate_at(progress)
            self._train_mode()
            loss = self.learner.loss(*self.stream.next())
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 3.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            if not looked_over and progress >= plan.looked_over:
                looked_over, now = True, time.monotonic()
                numbers = sorted(self.learned)
                wrong = mistaken(self.learner, [self.lines[number] for number in numbers])
                self.learned -= {numbers[place] for place in wrong}
                self.stream.only(self.learned)
                began += time.monotonic() - now  # the time is for learning
            after_step(progress, loss.item())
        model.eval()

    def _train_mode(self) -> None:
        """The statistics of batch norm stay those of all the hands: 40 lines of one are too few and too alike."""
        model = self.learner.model
        model.train(self.by_chance)
        model.rnn.train()  # a GPU learns in no other mode
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()


def mistaken(learner: CRNNLearner, lines: Sequence[Labelled]) -> set[int]:
    """Numbers of the lines that seem to say something else than their texts, once a network has begun to learn them.

    It misreads most of such a line, and is further from its text than from the others' of its writer (Han et al. 2018:
    "small loss"). A few characters are misread too easily to tell.
    """
    seen = read(learner, lines)
    of_writer: dict[str, list[float]] = defaultdict(list)
    for line, one in zip(lines, seen, strict=True):
        of_writer[writer_of(line)].append(one.loss)
    usual = {writer: statistics.median(losses) for writer, losses in of_writer.items()}
    return {
        number
        for number, (line, one) in enumerate(zip(lines, seen, strict=True))
        if len(line.text) >= LEAST_LENGTH
        and error_rate([(line.text, one.text)]) > 0.5
        and one.loss > FAR_OFF * usual[writer_of(line)]
    }


def writer_of(line: Labelled) -> str:
    """Whose line it is, or which document's, where that is known."""
    return getattr(line, "writer", "")


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

    def __init__(self, samples: Sequence[Labelled], numbers: Set[int], size: int, seed: int):
        self.lines, self.size = Lines(samples, CRNNLearner.prepare, seed=seed), size
        self.random = random.Random(seed)
        self.lengths = [len(sample.text) for sample in samples]
        self.only(numbers)

    def only(self, numbers: Set[int]) -> None:
        """Draw these of the lines from now on."""
        self.numbers = sorted(numbers)
        self.waiting: list[list[int]] = []

    def next(self) -> tuple[Tensor, Tensor, list[str]]:
        if not self.waiting:
            self.lines.epoch += 1
            order = self.numbers.copy()
            self.random.shuffle(order)
            # Sorting pieces of the shuffled order: little padding, and other company each time.
            for start in range(0, len(order), 4 * self.size):
                piece = sorted(order[start : start + 4 * self.size], key=self.lengths.__getitem__)
                self.waiting += [piece[i : i + self.size] for i in range(0, len(piece), self.size)]
            self.random.shuffle(self.waiting)
        return collate([self.lines[number] for number in self.waiting.pop()])


def measure(learner: CRNNLearner, samples: Sequence[Labelled]) -> Score:
    """How well lines are read as they are. The loss is that of what is read."""
    seen = read(learner, samples)
    rate = error_rate((sample.text, one.text) for sample, one in zip(samples, seen, strict=True))
    return Score(sum(one.loss for one in seen) / max(len(seen), 1), rate)


@torch.inference_mode()
def read(learner: CRNNLearner, samples: Sequence[Labelled]) -> list[Seen]:
    """Lines read greedily as they are; sorting them by width would not pay for so few.

    No DataLoader: it draws from torch's random numbers, which belong to those who learn.
    """
    model, charset = learner.model.eval(), learner.charset
    device = next(model.parameters()).device
    lines, seen = Lines(samples, CRNNLearner.prepare), []
    for start in range(0, len(lines), 8):
        images, widths, texts = collate([lines[i] for i in range(start, min(start + 8, len(lines)))])
        with autocast(device.type):
            outputs = model(ink_of(images, device)).float()
        codes = [charset.encode(text) for text in texts]
        targets = torch.tensor([number for code in codes for number in code])
        steps = steps_of(widths)
        losses = ctc_losses(outputs, steps, targets, torch.tensor([len(code) for code in codes]))
        for path, length, loss in zip(outputs.argmax(-1).cpu(), steps, losses.tolist(), strict=True):
            seen.append(Seen(charset.decode(path[:length].tolist()), loss))
    return seen


def how_far(loss: float) -> float:
    """How far to go from the old weights (0) to the learned ones (1), by the loss on held-back lines before learning.

    The worse a hand was read the further: what is read well, the whole way spoils (docs/adapting.md).
    """
    return min(0.7 + 0.6 * loss, 1.0)


def blend(start: Weights, learned: Weights, share: float) -> Weights:
    """Weights on the way from `start` (0) to `learned` (1); between them little is forgotten (Wortsman et al. 2022)."""
    return {
        name: torch.lerp(old, learned[name], share) if old.is_floating_point() else old for name, old in start.items()
    }
