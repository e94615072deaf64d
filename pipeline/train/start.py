"""Where a training begins: a new network, or one that has learned before."""

from pathlib import Path

from pipeline.errors import EngineError
from pipeline.train.crnn import Charset, CRNNLearner, load, new_crnn, shape_of
from pipeline.train.grow import grow
from pipeline.train.trainer import Learner


def learner(architecture: str, characters: str, init: str = "", lora: int = 0) -> Learner:
    """The network to train, able to write `characters`.

    init: a model folder to go on from, whose size then counts; for TrOCR, which is never begun anew, a folder or a name
    on the hub. lora: for TrOCR, the rank of what is trained; 0 trains all of it. Raises EngineError where the network
    can't be had.
    """
    if architecture == "trocr":
        from pipeline.train.trocr import load_learner

        return load_learner(init, lora)
    if not init:
        return new_crnn(Charset(characters), architecture)
    try:
        model, charset, about = load(Path(init))
    except Exception as error:  # json, safetensors and torch have their own kinds for each way a file can be bad
        raise EngineError(f"The model in {init} can't be trained further: {error}") from error
    return CRNNLearner(model, grow(model, charset, characters), shape_of(about))
