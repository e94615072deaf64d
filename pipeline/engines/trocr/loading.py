"""A TrOCR's files -> its processor and its network."""

from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, TrOCRProcessor, VisionEncoderDecoderModel

from pipeline.engines.hub import first_line
from pipeline.errors import EngineError

MAX_TOKENS = 128


def load_trocr(folder: Path, name: str, device: torch.device) -> tuple[Any, Any]:
    """Processor and model on `device`, ready for greedy reading with a key-value cache. Never touches the network."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = torch.float32
    if device.type == "cuda":
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    try:
        processor = TrOCRProcessor.from_pretrained(folder, local_files_only=True)
        loaded: Any = VisionEncoderDecoderModel.from_pretrained(
            folder, local_files_only=True, dtype=dtype, output_loading_info=True
        )
        model, report = loaded
        model.to(device).eval()
    except Exception as error:  # damaged or foreign files raise whatever their reader stumbles on
        raise EngineError(f"{name} can't be loaded as a TrOCR: {first_line(error)}") from error
    # The pooler is never used here, and Microsoft's checkpoints come without one.
    if missing := sorted(key for key in report["missing_keys"] if ".pooler." not in key):
        raise EngineError(
            f"{name} is not a complete TrOCR: {len(missing)} of its weights are missing ({missing[0]}, ...)."
        )
    # Microsoft's own settings switch the cache off and cut every line at 20 tokens; others ask for beams.
    given, decoder = model.generation_config, model.config.decoder
    model.generation_config = GenerationConfig(
        decoder_start_token_id=given.decoder_start_token_id,
        eos_token_id=given.eos_token_id,
        pad_token_id=given.pad_token_id,
        max_new_tokens=min(MAX_TOKENS, decoder.max_position_embeddings),
        use_cache=True,
    )
    return processor, model
