"""CMU 11-785, homeworks 1 and 2: mytorch."""

from __future__ import annotations

from typing import Any

from lawbook.conventions import Measured, Open, Profile
from lawbook.profiles.course import (
    BEYOND_THE_SHEETS,
    MASKING,
    P_BY_DROP_RATE,
    P_BY_KEEP_RATE,
    RATE_IN_VELOCITY,
    Course,
)

# The tests of homework 1's bonus ask for an error that is masked but not divided; the derivative is, too.
BACKWARD_SCALE = Open((True, False), "dropout.dropout_backward_eq_masked_and_scaled_error")
# Up to 2020 some editions ask for the mean over the batch, as their linear layer has it.
PARAMETER_GRADIENTS = Open(("sum", "mean"), "batch_norm.batch_norm_beta_gradient_eq_sum_of_error")
ACTIVATIONS = frozenset({"relu", "sigmoid", "tanh"})


def in_own_precision(operation: str, **conventions: Any) -> dict[str, Any]:
    """The conventions with the precision measured: what is handed out has buffers in float32."""
    return {"precision": Measured("precision", operation), **conventions}


def batch_norm(**conventions: Any) -> dict[str, Any]:
    """Batch normalization, whose running statistics start at 0 and 1 in every edition."""
    common = {"start": "zeros_and_ones", "decay": 0.9, "running_variance": "biased"}
    return in_own_precision("batch_norm", **{**common, **conventions})


EPS = Measured(
    "batch_norm_eps", "batch_norm"
)  # a constant of the layer, 1e-8 where it is handed out
ADAM = in_own_precision(
    "adam", eps_place=Open(("inside", "outside"), "optimizers.adam_steps_follow_closed_form")
)
CONVENTIONS = {
    "dropout": {"p": P_BY_DROP_RATE, "backward_scale": BACKWARD_SCALE, "masking": MASKING},
    "batch_norm": batch_norm(eps=EPS),
    "sgd": in_own_precision("sgd"),
    "momentum": in_own_precision("momentum", rate_in_velocity=RATE_IN_VELOCITY),
    "adam": ADAM,
    "adamw": in_own_precision("adamw", eps_place=Measured("adamw_form", "adamw")),
}

MYTORCH_2022 = Profile(
    name="mytorch-2022",
    course="mytorch",
    says="CMU 11-785, homework 1, from 2022 on: BatchNorm1d, SGD, and the bonus with Dropout, Adam and AdamW;"
    " p of dropout is the drop probability, its tests ask for an unscaled backward pass",
    requires=frozenset({"batch_norm", "sgd", "momentum"}),
    optional=frozenset({"dropout", "adam", "adamw", *ACTIVATIONS}),
    conventions=CONVENTIONS,
    severities=BEYOND_THE_SHEETS,
)

MYTORCH_2022_HW2 = Profile(
    name="mytorch-2022-hw2",
    course="mytorch",
    says="CMU 11-785, homework 2, from 2022 on: BatchNorm2d and Dropout2d",
    requires=frozenset({"batch_norm"}),
    optional=frozenset({"dropout", *ACTIVATIONS}),
    conventions={name: CONVENTIONS[name] for name in ("dropout", "batch_norm")},
    severities=BEYOND_THE_SHEETS,
)

MYTORCH_2021 = Profile(
    name="mytorch-2021",
    course="mytorch",
    says="CMU 11-785, homework 1 with automatic differentiation (2020 and 2021): momentum of BatchNorm1d is"
    " the weight of the new value, its running variance is unbiased; p of dropout is the drop probability",
    requires=frozenset({"batch_norm", "sgd", "momentum"}),
    optional=frozenset({"dropout", "adam", *ACTIVATIONS}),
    conventions={
        "dropout": {"p": P_BY_DROP_RATE, "masking": MASKING},
        "batch_norm": batch_norm(eps=1e-5, running_variance="unbiased", single_row="raises"),
        "sgd": in_own_precision("sgd"),
        "momentum": in_own_precision("momentum", rate_in_velocity=RATE_IN_VELOCITY),
        "adam": ADAM,
    },
    severities=BEYOND_THE_SHEETS,
)

MYTORCH_2020 = Profile(
    name="mytorch-2020",
    course="mytorch",
    says="CMU 11-785, homework 1, up to spring 2020: BatchNorm, and the bonus with Dropout and adam; p of"
    " dropout is the keep probability, its tests ask for an unscaled backward pass",
    requires=frozenset({"batch_norm"}),
    optional=frozenset({"dropout", "adam", *ACTIVATIONS}),
    conventions={
        "dropout": {"p": P_BY_KEEP_RATE, "backward_scale": BACKWARD_SCALE, "masking": MASKING},
        "batch_norm": batch_norm(eps=EPS, parameter_gradients=PARAMETER_GRADIENTS),
        "adam": ADAM,
    },
    severities=BEYOND_THE_SHEETS,
)

COURSE = Course(
    (MYTORCH_2022, MYTORCH_2022_HW2, MYTORCH_2021, MYTORCH_2020),
    frozenset({"scipy", "matplotlib", "tqdm"}),
)
