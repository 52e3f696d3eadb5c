"""Ensembles: the error of an average of models, and what a bootstrap sample holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import ensembles


def three_members() -> Iterator[Statement]:
    """The squared error of three models, from all products of their errors."""
    e = symbols("e", 3)
    v, c = sp.symbols("v c", real=True)
    square = sp.expand(ensembles.average(e)[()] ** 2)
    moments = {e[i] * e[j]: c for i in range(3) for j in range(i)}
    moments.update({e[i] ** 2: v for i in range(3)})
    yield Same(
        "E[e_i^2] = v and E[e_i e_j] = c put into the square of the average.",
        square.subs(moments),
        ensembles.squared_error_of_average(3, v, c),
    )
    yield Differ(
        "Averaging three models divides the error by 3 whatever they have in common.",
        square.subs(moments),
        v / 3,
        comment="only where the errors are uncorrelated",
    )


def all_bootstrap_samples() -> Iterator[Statement]:
    """The share of distinct items over all samples of N from N."""
    for size in (1, 2, 3, 4):
        shares = [sp.Rational(len(set(s)), size) for s in product(range(size), repeat=size)]
        yield Same(
            f"N = {size}: the mean over all {size**size} samples is the reference's share.",
            sp.Add(*shares) / len(shares),
            ensembles.distinct_share(sp.Integer(size)),
        )
    two_thirds = sp.Rational(2, 3)
    shares = [ensembles.distinct_share(sp.Integer(n)) for n in (5, 6, 10)]
    yield AtLeast("N = 5: above 2/3.", shares[0], two_thirds)
    yield AtLeast("N = 6: below 2/3.", two_thirds, shares[1])
    yield Differ("E42: a bootstrap sample of 10 holds 2/3 of the items.", shares[2], two_thirds)


def scores() -> Iterator[Statement]:
    """Averages along the members keep what all members agree on."""
    outputs = symbols("f", 3, 2)
    y = symbols("y", 2)
    yield Same(
        "The error of the average is the average of the errors.",
        ensembles.average(outputs) - y,
        ensembles.average(outputs - y),
    )
    mean = ensembles.average(outputs)
    gap = ensembles.average((outputs - y) ** 2) - (mean - y) ** 2
    yield Same(
        "The mean squared error of the members exceeds that of the average by their spread.",
        gap,
        ensembles.average((outputs - mean) ** 2),
        comment="so the average is never worse than a member is on average",
    )
    yield AtLeast("The spread is not negative.", gap, SymArray([0, 0]))


CHAPTER = Chapter(
    "Ensembles",
    """An average of models errs less than the models do, as far as their errors have nothing in common. How
much less is one line of algebra; and how different the models can be that bagging trains is a matter of how
many items a bootstrap sample misses.""",
    Derivation(
        "The squared error of an average",
        """
assume k integer, k >= 1
# v is the variance of every error, c the covariance of every pair; errors have mean 0

k*v + k*(k - 1)*c + 2*k*c + v                   # E[S^2] of k errors; a new one adds v and k pairs, twice
= (k + 1)*v + (k + 1)*k*c                       # the same formula for k + 1: so it holds for all k
!= (k + 1)*v + k*c                              # every new error meets all the old ones

(k*v + k*(k - 1)*c)/k**2                        # the average divides the sum by k
= v/k + (k - 1)*c/k
code average
at c = 0
= v/k                                           # uncorrelated errors: inverse in k
!= v/k**2                                       # the variance of a sum has k terms

v/k
at k = 4
= v/4
!= -v/2                                         # E41: linear: 1, 1/2 for k = 1, 2, then 0, -1/2

v/k + (k - 1)*c/k
at c = v
= v                                             # all models alike: nothing is won
!= v/k                                          # as if they were independent
""",
        code={"average": lambda v: ensembles.squared_error_of_average(v.k, v.v, v.c)},
        covers=("ens.error_1_over_k",),
        errata=("E41",),
    ),
    Derivation(
        "Never worse than one model, and what a common bias does",
        """
assume k integer, k >= 1, c <= v
v - (v/k + (k - 1)*c/k)
= (k - 1)*(v - c)/k
>= 0                                            # a covariance is at most the variance

v/k + (k - 1)*c/k - c
= (v - c)/k                                     # what is left above the common part c falls as 1/k
>= 0
""",
        covers=("ens.error_1_over_k",),
    ),
    Derivation(
        "Two independent models of any distribution",
        """
random a, b
given E(a) = 0
given E(b) = 0
E(((a + b)/2)**2)
= (E(a**2) + E(b**2))/4                         # v/2 where both have variance v

E(((a + m + b + m)/2)**2)                       # both are off by m on average
= (E(a**2) + E(b**2))/4 + m**2                  # averaging does not touch a common bias
!= (E(a**2) + E(b**2))/4                        # E41: errors need mean 0
""",
        covers=("ens.error_1_over_k",),
        errata=("E41",),
    ),
    Proof("Three models", three_members, "3 members", ("ens.error_1_over_k",)),
    Proof("Average and members", scores, "3 members, 2 outputs", ("ens.average_probs",)),
    Derivation(
        "What a bootstrap sample holds",
        """
assume N integer, N >= 2
((N - 1)/N)**N                                  # one item is missed by all N draws
= (1 - 1/N)**N

1 - (1 - 1/N)**N                                # so this is the chance that it is in the sample
code distinct_share
at N = 2
= 3/4                                           # samples 11, 12, 21, 22 hold 1, 2, 2, 1 of 2 items
!= 2/3                                          # E42

1 - (1 - 1/N)**N
at N = 10
= 6513215599/10000000000
!= 2/3                                          # E42: two thirds is crossed between N = 5 and N = 6
""",
        code={"distinct_share": lambda v: ensembles.distinct_share(v.N)},
        covers=("ens.bootstrap_distinct",),
        errata=("E42",),
    ),
    Derivation(
        "The limit of the share",
        """
exp(t) - 1 - t                                  # exp lies above its tangent at 0:
diff t
= exp(t) - 1
at t = 0
= 0                                             # the slopes agree at 0,

exp(t) - 1
diff t
= exp(t)
>= 0                                            # and the slope grows. So 1 - 1/N <= exp(-1/N)

assume N integer, N >= 2
exp(-1/N)**N                                    # and the chance to be missed is at most
= exp(-1)

exp(1/(N - 1))**(1 - N)*(1 - 1/N)               # and at least: 1 + 1/(N - 1) <= exp(1/(N - 1))
= exp(-1)*(1 - 1/N)
!= exp(-1)                                      # it is 1/e in the limit, where 1/N vanishes: share 1 - 1/e
""",
        covers=("ens.bootstrap_distinct",),
    ),
    Proof("All samples", all_bootstrap_samples, "N <= 4", ("ens.bootstrap_distinct",), ("E42",)),
)
