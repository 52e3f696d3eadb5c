"""The dated profiles of the courses: what each edition's sheet pins and what it leaves open."""

from __future__ import annotations

from dataclasses import replace

from lawbook.conventions import Measured, Open, Profile

P_BY_KEEP_RATE = Open(("keep", "drop"), "dropout.dropout_units_are_kept_with_probability_keep")
MASKING = Open(("select", "multiply"), "dropout.dropout_dropped_units_are_zero_of_infinite_inputs")
DRIFTS = frozenset({"numerator_too"})  # Adam's step is not 0 at gradient 0
FAU_BATCH_NORM = {
    "decay": 0.8,
    "start": "first_batch",
    "running_variance": "biased",
    "eps": Measured("batch_norm_eps", "batch_norm"),
}
# No sheet asks for a variance that keeps its digits far from 0, or for two backward passes in a row.
BEYOND_THE_SHEETS = {
    "batch_norm.training_output_is_accurate_at_large_mean": "warning",
    "batch_norm.training_output_is_shift_invariant": "warning",
    "batch_norm.input_gradient_is_accurate_at_large_mean": "warning",
    "batch_norm.second_backward_eq_first": "warning",
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

CS231N_2018 = Profile(
    name="cs231n-2018",
    course="cs231n",
    says="CS231n, assignment 2, from 2018 on: p of dropout is the keep probability",
    requires=frozenset({"dropout", "batch_norm", "batch_norm_alt", "momentum", "rmsprop", "adam"}),
    optional=frozenset({"sgd", "relu", "softmax_cross_entropy", "hinge", "network"}),
    conventions={
        "dropout": {"p": P_BY_KEEP_RATE, "masking": MASKING},
        "batch_norm": {"start": "zeros", "running_variance": "biased", "decay": 0.9, "eps": 1e-5},
        "batch_norm_alt": {"start": "zeros", "running_variance": "biased", "eps": 1e-5},
        "momentum": {"rate_in_velocity": True},
        "adam": {"eps_place": "outside"},
        "network": {"value_factor": 0.5, "l1": False},
    },
    severities=BEYOND_THE_SHEETS,
)

CS231N_2016 = replace(
    CS231N_2018,
    name="cs231n-2016",
    says="CS231n, assignment 2, 2016 and 2017: the docstring calls p the drop probability",
    conventions={
        **CS231N_2018.conventions,
        "dropout": {
            "p": replace(P_BY_KEEP_RATE, candidates=("drop", "keep")),
            "masking": MASKING,
        },
    },
)

PROFILES = {p.name: p for p in (FAU_2021, FAU_2019, CS231N_2018, CS231N_2016)}
EDITIONS = {"fau": "fau-2021", "cs231n": "cs231n-2018"}  # where nothing tells the edition


def judged_in(course: str) -> frozenset[str]:
    """The operations that some edition of a course judges; none of an unknown course."""
    return frozenset().union(*(one.judged for one in PROFILES.values() if one.course == course))
