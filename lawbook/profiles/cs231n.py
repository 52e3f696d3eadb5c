"""CS231n, assignment 2."""

from __future__ import annotations

from dataclasses import replace

from lawbook.conventions import Profile
from lawbook.profiles.course import (
    BEYOND_THE_SHEETS,
    MASKING,
    P_BY_DROP_RATE,
    P_BY_KEEP_RATE,
    Course,
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
        "dropout": {"p": P_BY_DROP_RATE, "masking": MASKING},
    },
)

COURSE = Course(
    (CS231N_2018, CS231N_2016), frozenset({"scipy", "matplotlib", "imageio", "past", "future"})
)
