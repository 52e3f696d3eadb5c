"""FAU Deep Learning, exercise 3."""

from __future__ import annotations

from dataclasses import replace

from lawbook.conventions import Measured, Profile
from lawbook.profiles.course import BEYOND_THE_SHEETS, MASKING, Course

DRIFTS = frozenset({"numerator_too"})  # Adam's step is not 0 at gradient 0
FAU_BATCH_NORM = {
    "decay": 0.8,
    "start": "first_batch",
    "running_variance": "biased",
    "eps": Measured("batch_norm_eps", "batch_norm"),
}
DECOUPLED = {"decay": "decoupled", "rate_in_velocity": True}

FAU_2021 = Profile(
    name="fau-2021",
    course="fau",
    says="FAU Deep Learning, exercise 3, sheets and tests from January 2021 on",
    requires=frozenset(
        {
            "dropout",
            "batch_norm",
            "batch_norm_update",
            "l1_penalty",
            "l2_penalty",
            "sgd",
            "momentum",
            "adam",
            "xavier_normal",
            "he_normal",
            "constant",
            "network",
        }
    ),
    optional=frozenset({"relu", "sigmoid", "tanh"}),
    conventions={
        "dropout": {"p": "keep", "backward_scale": True, "masking": MASKING},
        "batch_norm": FAU_BATCH_NORM,
        "batch_norm_update": FAU_BATCH_NORM,
        "l2_penalty": {"value_factor": 1.0, "gradient_factor": 1.0, "l2_norm": "squared"},
        "network": {"value_factor": 1.0},
        "sgd": DECOUPLED,
        "momentum": DECOUPLED,
        "adam": {**DECOUPLED, "eps": Measured("adam_eps", "adam", refused=DRIFTS)},
    },
    severities=BEYOND_THE_SHEETS,
)

FAU_2019 = replace(
    FAU_2021,
    name="fau-2019",
    says="FAU Deep Learning, exercise 3, up to winter 2019/20: its tests ask for an unscaled dropout "
    "backward and the root in the L2 norm, its handout for eps in Adam's numerator too",
    conventions={
        **FAU_2021.conventions,
        "dropout": {"p": "keep", "backward_scale": False, "masking": MASKING},
        "l2_penalty": {"value_factor": 1.0, "gradient_factor": 1.0, "l2_norm": "root"},
        "network": {"value_factor": 1.0, "l2_norm": "root"},
        "adam": {**DECOUPLED, "eps": Measured("adam_eps", "adam")},
    },
)

COURSE = Course(
    (FAU_2021, FAU_2019), frozenset({"scipy", "sklearn", "skimage", "matplotlib", "tqdm"})
)
