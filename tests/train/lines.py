"""Small labelled folders drawn with OpenCV's own pen strokes, for training tests."""

from pathlib import Path

import cv2
import numpy as np


def draw_line(text: str, *, height: int = 64) -> np.ndarray:
    """Text as a grey crop, dark on white."""
    image = np.full((height, 40 + 26 * len(text)), 255, np.uint8)
    cv2.putText(image, text, (10, height - 20), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3, cv2.LINE_AA)
    return image


def write_folder(folder: Path, texts: list[str]) -> Path:
    """A folder as `read_folder` takes it: labels.tsv beside images/."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for number, text in enumerate(texts):
        cv2.imwrite(str(folder / "images" / f"{number}.png"), draw_line(text))
        rows.append(f"{number}.png\tdrawn\t{text}")
    (folder / "labels.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def write_strokes(path: Path) -> None:
    """Three lines of pen strokes, the last of the part kept for measuring."""
    zigzag = np.tile([[12, -30], [12, 30]], (20, 1)).astype(np.int16)
    np.savez(
        path,
        ids=np.array(["a-1", "a-2", "b-1"]),
        texts=np.array(["one", "two", "three"]),
        writers=np.array(["w1", "w1", "w2"]),
        split=np.array(["train", "train", "val1"]),
        offsets=np.array([0, 40, 80, 120]),
        dxy=np.concatenate([zigzag] * 3),
        pen_up=np.tile(np.eye(1, 40, 19, dtype=np.uint8)[0], 3),
        origin=np.zeros((3, 2), np.int32),
    )
