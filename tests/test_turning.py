"""Pages turned by quarters: what lies at a place of the picture lies there after the turn, too."""

import cv2
import numpy as np
import pytest

from pipeline.turning import runs_level, turned_box, turned_picture, turned_points, turned_skew

WIDTH, HEIGHT = 60, 40


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_places_turn_along_with_the_picture(quarters: int, suffix: str) -> None:
    pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
    box = (8, 16, 16, 24)
    pixels[box[1] : box[3], box[0] : box[2]] = 0
    picture = turned_picture(cv2.imencode(suffix, pixels)[1].tobytes(), quarters)
    turned = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_UNCHANGED)
    assert turned.shape == ((HEIGHT, WIDTH) if quarters % 2 == 0 else (WIDTH, HEIGHT))
    ys, xs = np.nonzero(turned < 128)
    found = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert turned_box(box, WIDTH, HEIGHT, quarters) == found
    corners = np.array(turned_points([(8, 16), (16, 24)], WIDTH, HEIGHT, quarters))
    assert (*corners.min(axis=0), *corners.max(axis=0)) == found


def test_four_quarters_are_none() -> None:
    points = [[0.1, 39.9], [59.3, 0.0]]
    once = turned_points(points, WIDTH, HEIGHT, 1)
    assert turned_points(once, HEIGHT, WIDTH, 3) == points
    assert [turned_skew(skew, 4) for skew in (0.0, -1.5, 180.0)] == [0.0, -1.5, 180.0]
    assert [turned_skew(0.5, quarters) for quarters in (1, 2, 3)] == [-89.5, -179.5, 90.5]


@pytest.mark.parametrize(
    ("baseline", "skew", "level"),
    [
        ([(0, 0), (9, 1)], 0, True),
        ([(9, 0), (0, 0)], 0, False),
        ([(0, 9), (0, 0)], 0, False),
        ([], 10, True),
        ([], -90, False),
    ],
)
def test_lines_that_run_from_left_to_right_are_told(
    baseline: list[tuple[float, float]], skew: float, level: bool
) -> None:
    assert runs_level(baseline, skew) is level
