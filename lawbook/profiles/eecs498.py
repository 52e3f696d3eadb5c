"""EECS 498-007 / 598-005 of the University of Michigan, assignment 3."""

from __future__ import annotations

from lawbook.conventions import Measured, Open, Profile
from lawbook.profiles.course import BEYOND_THE_SHEETS, MASKING, Course

# "The sample variance" enters the running average, and torch's own var() is the unbiased one.
RUNNING_VARIANCE = Open(
    ("biased", "unbiased"), "batch_norm.running_variance_eq_moving_average_of_batch_variances"
)
BATCH_NORM = {"start": "zeros", "running_variance": RUNNING_VARIANCE, "decay": 0.9, "eps": 1e-5}
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")


def in_own_precision(operation: str, **conventions: object) -> dict[str, object]:
    """The conventions with the precision measured: some make tensors in float32, torch's default."""
    return {"precision": Measured("precision", operation), **conventions}


EECS498_2019 = Profile(
    name="eecs498-2019",
    course="eecs498",
    says="EECS 498-007, assignment 3, from fall 2019 on: p of dropout is the drop probability",
    requires=frozenset({"dropout", "batch_norm", "momentum", "rmsprop", "adam", "he_normal"}),
    optional=frozenset({"batch_norm_alt", "sgd", "relu", "network"}),  # handed out, or a challenge
    conventions={
        "dropout": in_own_precision("dropout", p="drop", masking=MASKING),
        "batch_norm": in_own_precision("batch_norm", **BATCH_NORM),
        "batch_norm_alt": in_own_precision(
            "batch_norm_alt", start="zeros", running_variance="biased", eps=1e-5
        ),
        "he_normal": {"kernels": "square"},
        # One comment of the sheet says that the penalty has no factor 1/2, another that it has.
        "network": {
            "value_factor": Open((1.0, 0.5), "network.l2_loss_eq_sum_over_layers"),
            "l1": False,
        },
        "sgd": in_own_precision("sgd"),
        "momentum": in_own_precision("momentum", rate_in_velocity=True),
        "rmsprop": in_own_precision("rmsprop", eps_place="outside"),
        "adam": in_own_precision("adam", eps_place="outside"),
    },
    severities=BEYOND_THE_SHEETS,
)

COURSE = Course((EECS498_2019,), frozenset({"torch"}), ("torch",))
