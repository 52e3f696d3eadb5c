"""I2DL (TUM, Introduction to Deep Learning, IN2346): batch normalization and dropout in NumPy."""

from __future__ import annotations

from typing import Any

from lawbook.conventions import Open, Profile
from lawbook.profiles.course import (
    BEYOND_THE_SHEETS,
    MASKING,
    P_BY_DROP_RATE,
    RATE_IN_VELOCITY,
    Course,
)

# The code that the course hands out leaves eps out of its test branch; some students put it in.
EPS_OF_EVALUATION = Open(
    (None, 0.0), "batch_norm.running_variance_eq_moving_average_of_batch_variances"
)
BATCH_NORM = {
    "start": "zeros",
    "running_variance": "biased",
    "decay": 0.9,
    "eps": 1e-5,
    "evaluation_eps": EPS_OF_EVALUATION,
}
CONVENTIONS: dict[str, dict[str, Any]] = {
    "dropout": {"p": P_BY_DROP_RATE, "masking": MASKING},
    "batch_norm": BATCH_NORM,
    "batch_norm_alt": {"start": "zeros", "running_variance": "biased", "eps": 1e-5},
    "momentum": {"rate_in_velocity": RATE_IN_VELOCITY},
    "adam": {"eps_place": "outside"},
}
# The alternative backward pass that the course hands out with exercise 9 is wrong, and some copied it.
SEVERITIES = {
    **BEYOND_THE_SHEETS,
    "batch_norm.batch_norm_alt_input_gradient_flows_through_mean_and_variance": "warning",
}


def exercise(name: str, says: str, requires: set[str], optional: set[str]) -> Profile:
    """One exercise's profile: what it asks students to write is required, what it may have optional."""
    return Profile(
        name=f"i2dl-{name}",
        course="i2dl",
        says=f"I2DL (TUM), {says}",
        requires=frozenset(requires),
        optional=frozenset(optional),
        conventions={
            name: CONVENTIONS[name] for name in CONVENTIONS if name in requires | optional
        },
        severities=SEVERITIES,
    )


EXERCISE_8 = exercise(
    "2020-ex8",
    "exercise 8, from 2020 on: dropout and the backward passes of batch normalization; its forward pass is"
    " handed out, without eps in the test branch",
    {"dropout", "batch_norm"},
    {"batch_norm_alt"},
)
EXERCISE_9 = exercise(
    "2020-ex9",
    "exercise 9, from 2020 on: spatial batch normalization; that of vectors is handed out",
    {"batch_norm"},
    set(),
)
HOMEWORK_2 = exercise(
    "2018-hw2",
    "exercise 2, up to 2019: dropout, the backward pass of batch normalization, momentum",
    {"momentum"},
    {"dropout", "batch_norm", "batch_norm_alt", "relu", "sgd", "adam"},
)
HOMEWORK_3 = exercise(
    "2018-hw3",
    "exercise 3, up to 2019: batch normalization and spatial batch normalization",
    {"batch_norm"},
    set(),
)

COURSE = Course(
    (EXERCISE_8, EXERCISE_9, HOMEWORK_2, HOMEWORK_3), frozenset({"scipy", "matplotlib", "future"})
)
