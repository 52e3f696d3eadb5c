"""Mistakes in initializers."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array
from reference.initializers import (
    Constant,
    HeNormal,
    HeUniform,
    Shape,
    XavierNormal,
    XavierUniform,
    he_variance,
    normal,
    uniform,
    uniform_bound,
    xavier_variance,
)
from reference.randomness import generator, seed

# Xavier ------------------------------------------------------------------------------------------


@mistake(
    "xavier_normal",
    "The variance is 1/fan_in; Xavier's is 2/(fan_in + fan_out), which differs unless both are equal.",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="decks that print the forward-only rule as Xavier; a test layer of 400 x 400 hides it",
)
class FanInOnly(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, 1 / fan_in, generator())


@mistake(
    "xavier_normal",
    "The variance is 1/fan_out; Xavier's is 2/(fan_in + fan_out).",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="fans taken from a transposed shape",
)
class FanOutOnly(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, 1 / fan_out, generator())


@mistake(
    "xavier_normal",
    "The two variances are averaged; Xavier averages the fans: 2/(fan_in + fan_out).",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="the word 'average' in a deck",
)
class AveragesVariances(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, (1 / fan_in + 1 / fan_out) / 2, generator())


@mistake(
    "xavier_normal",
    "The variance is used as the standard deviation: its square root is missing.",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="a UMich submission",
)
class VarianceAsDeviation(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, xavier_variance(fan_in, fan_out) ** 2, generator())


@mistake(
    "xavier_normal",
    "The standard deviation is used as the variance: its root is taken twice.",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="N(0, s) read as variance s in one place and deviation s in the next",
)
class DeviationAsVariance(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, float(np.sqrt(xavier_variance(fan_in, fan_out))), generator())


@mistake(
    "xavier_normal",
    "The factor 2 of Xavier's variance is missing.",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_entries_are_normal",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="submissions",
)
class ForgetsTheTwo(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, 1 / (fan_in + fan_out), generator())


@mistake(
    "xavier_normal",
    "The weights are uniform; this initializer promises normal ones.",
    breaks=("xavier_normal_entries_are_normal",),
    seen="xavier_uniform used for xavier_normal",
)
class UniformForNormal(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, xavier_variance(fan_in, fan_out), generator())


@mistake(
    "xavier_normal",
    "The generator is seeded inside draw: every layer gets the same numbers.",
    breaks=(
        "xavier_normal_two_draws_differ",
        "xavier_normal_draws_of_two_instances_differ",
    ),
    seen="submissions that seed for reproducibility",
)
class FixedSeed(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        own = np.random.default_rng(0)
        return normal(shape, xavier_variance(fan_in, fan_out), own)


@mistake(
    "xavier_normal",
    "The global generator is seeded inside draw: the draws repeat, and everyone else's too.",
    breaks=(
        "xavier_normal_two_draws_differ",
        "xavier_normal_draws_of_two_instances_differ",
        "xavier_normal_draws_do_not_reset_the_generator",
    ),
    seen="np.random.seed inside a layer, as in a dropout submission",
)
class SeedsTheGlobalGenerator(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        seed(0)
        return super().draw(shape, fan_in, fan_out)


@mistake(
    "xavier_normal",
    "The weights are drawn once and handed out again to every layer of that shape.",
    breaks=("xavier_normal_two_draws_differ",),
    seen="a default argument or a cache",
)
class CachesWeights(XavierNormal):
    cache: Array | None = None

    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        if self.cache is None or self.cache.shape != shape:
            self.cache = super().draw(shape, fan_in, fan_out)
        return self.cache


@mistake(
    "xavier_normal",
    "The shape is transposed: the first two dimensions are swapped.",
    breaks=(
        "xavier_normal_entries_are_independent_of_position",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
        "xavier_normal_shape_is_the_requested_one",
    ),
    seen="a UMich submission with swapped channels",
)
class TransposedShape(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.swapaxes(super().draw(shape, fan_in, fan_out), 0, 1)


@mistake(
    "xavier_normal",
    "Only matrices are handled: kernels of a convolution lose their further dimensions.",
    breaks=("xavier_normal_shape_is_the_requested_one",),
    seen="an FAU submission: randn(shape[0], shape[1])",
)
class MatricesOnly(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return super().draw(shape[:2], fan_in, fan_out)


@mistake(
    "xavier_normal",
    "The fans are read from the first two dimensions: the kernel size is left out.",
    breaks=("xavier_normal_variance_counts_the_kernel_in_the_fans",),
    seen="libraries' fan rules for convolutions",
)
class ForgetsTheKernel(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, xavier_variance(shape[0], shape[1]), generator())


@mistake(
    "xavier_normal",
    "One row is drawn and repeated: units with the same weights learn the same for ever.",
    breaks=(
        "xavier_normal_variance_is_that_of_the_fans",
        "xavier_normal_variance_counts_the_kernel_in_the_fans",
        "xavier_normal_mean_is_zero",
        "xavier_normal_entries_are_normal",
        "xavier_normal_entries_are_independent_of_position",
        "xavier_normal_forward_and_backward_gains_add_up_to_two",
    ),
    seen="broadcasting a vector over the matrix",
)
class RepeatsRows(XavierNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        row = super().draw((1, *shape[1:]), fan_in, fan_out)
        return np.repeat(row, shape[0], axis=0)


@mistake(
    "xavier_uniform",
    "The bound is sqrt(3 / (fan_in + fan_out)); the variance 2/(fan_in + fan_out) needs 6 for 3.",
    breaks=(
        "xavier_uniform_variance_is_that_of_the_fans",
        "xavier_uniform_variance_counts_the_kernel_in_the_fans",
        "xavier_uniform_entries_are_uniform_up_to_the_bound",
        "xavier_uniform_forward_and_backward_gains_add_up_to_two",
    ),
    seen="3 and 6 mixed up",
)
class ThreeInXavierBound(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, xavier_variance(fan_in, fan_out) / 2, generator())


@mistake(
    "xavier_uniform",
    "The standard deviation is used as the bound; the bound is sqrt(3) deviations.",
    breaks=(
        "xavier_uniform_variance_is_that_of_the_fans",
        "xavier_uniform_variance_counts_the_kernel_in_the_fans",
        "xavier_uniform_entries_are_uniform_up_to_the_bound",
        "xavier_uniform_forward_and_backward_gains_add_up_to_two",
    ),
    seen="uniform(-std, std)",
)
class DeviationAsBound(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, xavier_variance(fan_in, fan_out) / 3, generator())


@mistake(
    "xavier_uniform",
    "The weights are drawn from [0, a): their mean is not zero.",
    breaks=(
        "xavier_uniform_mean_is_zero",
        "xavier_uniform_entries_are_independent_of_position",
    ),
    seen="rand() without shifting and doubling",
)
class PositiveOnly(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.abs(super().draw(shape, fan_in, fan_out))


@mistake(
    "xavier_uniform",
    "The weights are normal; this initializer promises uniform ones.",
    breaks=("xavier_uniform_entries_are_uniform_up_to_the_bound",),
    seen="xavier_normal used for xavier_uniform",
)
class NormalForUniform(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, xavier_variance(fan_in, fan_out), generator())


@mistake(
    "xavier_uniform",
    "The bound is sqrt(3 / fan_in): the fan_out is left out.",
    breaks=(
        "xavier_uniform_variance_is_that_of_the_fans",
        "xavier_uniform_variance_counts_the_kernel_in_the_fans",
        "xavier_uniform_entries_are_uniform_up_to_the_bound",
        "xavier_uniform_forward_and_backward_gains_add_up_to_two",
    ),
    seen="libraries' default U(-1/sqrt(fan_in), 1/sqrt(fan_in)) and its kin",
)
class UniformFanInOnly(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, 1 / fan_in, generator())


@mistake(
    "xavier_uniform",
    "All weights lie in [-0.1, 0.1], whatever the fans are.",
    breaks=(
        "xavier_uniform_variance_is_that_of_the_fans",
        "xavier_uniform_variance_counts_the_kernel_in_the_fans",
        "xavier_uniform_entries_are_uniform_up_to_the_bound",
        "xavier_uniform_forward_and_backward_gains_add_up_to_two",
    ),
    seen="an FAU submission",
)
class FixedRange(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return generator().uniform(-0.1, 0.1, shape)


@mistake(
    "xavier_uniform",
    "The numbers are the same in every draw: the generator is made anew with a fixed seed.",
    breaks=(
        "xavier_uniform_two_draws_differ",
        "xavier_uniform_draws_of_two_instances_differ",
        "xavier_uniform_draws_do_not_reset_the_generator",
    ),
    seen="submissions that seed for reproducibility",
)
class UniformFixedSeed(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        seed(0)
        return super().draw(shape, fan_in, fan_out)


@mistake(
    "xavier_uniform",
    "Kernels of a convolution come out with two dimensions.",
    breaks=("xavier_uniform_shape_is_the_requested_one",),
    seen="an FAU submission: 2-D only",
)
class UniformMatricesOnly(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return super().draw(shape[:2], fan_in, fan_out)


@mistake(
    "xavier_uniform",
    "One column is drawn and repeated along the rows.",
    breaks=(
        "xavier_uniform_variance_is_that_of_the_fans",
        "xavier_uniform_variance_counts_the_kernel_in_the_fans",
        "xavier_uniform_mean_is_zero",
        "xavier_uniform_entries_are_uniform_up_to_the_bound",
        "xavier_uniform_entries_are_independent_of_position",
        "xavier_uniform_forward_and_backward_gains_add_up_to_two",
    ),
    seen="broadcasting a vector over the matrix",
)
class RepeatsColumns(XavierUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        column = super().draw((shape[0], 1, *shape[2:]), fan_in, fan_out)
        return np.repeat(column, shape[1], axis=1)


# He ----------------------------------------------------------------------------------------------


@mistake(
    "he_normal",
    "He's variance is 2/fan_in; here it is that of Xavier.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="one class copied from the other",
)
class XavierForHe(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, xavier_variance(fan_in, fan_out), generator())


@mistake(
    "he_normal",
    "The fans are swapped: He's variance is 2/fan_in, not 2/fan_out.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="a mutant that passes a course's test, whose layer is 400 x 400",
)
class SwapsFans(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, he_variance(fan_out), generator())


@mistake(
    "he_normal",
    "The factor 2 for the half that a ReLU cuts off is missing.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="1/fan_in used in front of a ReLU",
)
class ForgetsTheRelu(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, 1 / fan_in, generator())


@mistake(
    "he_normal",
    "(2 / fan_in) ** 1/2 halves its argument: ** binds stronger than /. Write ** 0.5 or sqrt.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="a UMich submission",
)
class HalvesForRoot(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, (he_variance(fan_in) ** 1 / 2) ** 2, generator())


@mistake(
    "he_normal",
    "The standard deviation is 2/fan_in: the square root is missing.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="a UMich submission",
)
class NoRoot(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, he_variance(fan_in) ** 2, generator())


@mistake(
    "he_normal",
    "The deviation of the ReLU's output is put right; it is its second moment that must be kept.",
    breaks=(
        "he_normal_variance_is_that_of_the_fans",
        "he_normal_variance_counts_the_kernel_in_the_fans",
        "he_normal_entries_are_normal",
        "he_normal_relu_layer_keeps_the_second_moment",
    ),
    seen="the claim that a ReLU halves the variance",
)
class KeepsVarianceForMoment(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        kept = 1 / 2 - 1 / (2 * np.pi)
        return normal(shape, 1 / (kept * fan_in), generator())


@mistake(
    "he_normal",
    "The weights are uniform; this initializer promises normal ones.",
    breaks=("he_normal_entries_are_normal",),
    seen="he_uniform used for he_normal",
)
class UniformForHeNormal(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, he_variance(fan_in), generator())


@mistake(
    "he_normal",
    "The fan_in is read from the shape without the kernel size.",
    breaks=("he_normal_variance_counts_the_kernel_in_the_fans",),
    seen="libraries' fan rules for convolutions",
)
class HeWithoutKernel(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, he_variance(shape[1] if len(shape) > 2 else fan_in), generator())


@mistake(
    "he_normal",
    "All weights are positive: the magnitudes are drawn.",
    breaks=(
        "he_normal_mean_is_zero",
        "he_normal_entries_are_independent_of_position",
    ),
    seen="an absolute value that keeps ReLUs alive",
)
class PositiveHe(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.abs(super().draw(shape, fan_in, fan_out))


@mistake(
    "he_normal",
    "The generator is seeded inside draw, so that all layers get the same numbers.",
    breaks=(
        "he_normal_two_draws_differ",
        "he_normal_draws_of_two_instances_differ",
        "he_normal_draws_do_not_reset_the_generator",
    ),
    seen="submissions that seed for reproducibility",
)
class HeFixedSeed(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        seed(0)
        return super().draw(shape, fan_in, fan_out)


@mistake(
    "he_normal",
    "The requested shape is flattened to (fan_in, rest).",
    breaks=("he_normal_shape_is_the_requested_one",),
    seen="2-D initializers used for convolutions",
)
class FlattensKernels(HeNormal):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return super().draw(shape, fan_in, fan_out).reshape(shape[0], -1)


@mistake(
    "he_uniform",
    "The bound is sqrt(3 / fan_in); for ReLU layers it is sqrt(6 / fan_in).",
    breaks=(
        "he_uniform_variance_is_that_of_the_fans",
        "he_uniform_variance_counts_the_kernel_in_the_fans",
        "he_uniform_entries_are_uniform_up_to_the_bound",
        "he_uniform_relu_layer_keeps_the_second_moment",
    ),
    seen="3 and 6 mixed up",
)
class ThreeInHeBound(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, he_variance(fan_in) / 2, generator())


@mistake(
    "he_uniform",
    "The bound is 1/sqrt(fan_in), the default of a library's layers: six times too small a variance.",
    breaks=(
        "he_uniform_variance_is_that_of_the_fans",
        "he_uniform_variance_counts_the_kernel_in_the_fans",
        "he_uniform_entries_are_uniform_up_to_the_bound",
        "he_uniform_relu_layer_keeps_the_second_moment",
    ),
    seen="torch's default initialization of Linear and Conv taken for He",
)
class LibraryDefault(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return uniform(shape, 1 / (3 * fan_in), generator())


@mistake(
    "he_uniform",
    "The bound lacks its square root: it is 6 / fan_in.",
    breaks=(
        "he_uniform_variance_is_that_of_the_fans",
        "he_uniform_variance_counts_the_kernel_in_the_fans",
        "he_uniform_entries_are_uniform_up_to_the_bound",
        "he_uniform_relu_layer_keeps_the_second_moment",
    ),
    seen="submissions",
)
class BoundWithoutRoot(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        bound = uniform_bound(he_variance(fan_in)) ** 2
        return generator().uniform(-bound, bound, shape)


@mistake(
    "he_uniform",
    "The weights are drawn from [0, a): their mean is not zero.",
    breaks=(
        "he_uniform_mean_is_zero",
        "he_uniform_entries_are_independent_of_position",
    ),
    seen="rand() without shifting and doubling",
)
class PositiveHeUniform(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.abs(super().draw(shape, fan_in, fan_out))


@mistake(
    "he_uniform",
    "The weights are normal; this initializer promises uniform ones.",
    breaks=("he_uniform_entries_are_uniform_up_to_the_bound",),
    seen="he_normal used for he_uniform",
)
class NormalForHeUniform(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return normal(shape, he_variance(fan_in), generator())


@mistake(
    "he_uniform",
    "The generator is seeded inside draw, so that all layers get the same numbers.",
    breaks=(
        "he_uniform_two_draws_differ",
        "he_uniform_draws_of_two_instances_differ",
        "he_uniform_draws_do_not_reset_the_generator",
    ),
    seen="submissions that seed for reproducibility",
)
class HeUniformFixedSeed(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        seed(0)
        return super().draw(shape, fan_in, fan_out)


@mistake(
    "he_uniform",
    "The kernel's dimensions are missing in the result.",
    breaks=("he_uniform_shape_is_the_requested_one",),
    seen="2-D only initializers",
)
class HeUniformMatricesOnly(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return super().draw(shape[:2], fan_in, fan_out)


@mistake(
    "he_uniform",
    "One row is drawn and repeated: all units start as copies of each other.",
    breaks=(
        "he_uniform_variance_is_that_of_the_fans",
        "he_uniform_variance_counts_the_kernel_in_the_fans",
        "he_uniform_mean_is_zero",
        "he_uniform_entries_are_uniform_up_to_the_bound",
        "he_uniform_entries_are_independent_of_position",
        "he_uniform_relu_layer_keeps_the_second_moment",
    ),
    seen="broadcasting a vector over the matrix",
)
class HeRepeatsRows(HeUniform):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.repeat(super().draw((1, *shape[1:]), fan_in, fan_out), shape[0], axis=0)


# Constant ----------------------------------------------------------------------------------------


@mistake(
    "constant",
    "The value is ignored: the entries are always 0.1.",
    breaks=("constant_entries_eq_value",),
    seen="a default argument that is written out",
)
class IgnoresValue(Constant):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.full(shape, 0.1)


@mistake(
    "constant",
    "The value is divided by the fan_in; a constant does not depend on the fans.",
    breaks=("constant_entries_eq_value",),
    seen="submissions",
)
class ScalesConstant(Constant):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return super().draw(shape, fan_in, fan_out) / fan_in


@mistake(
    "constant",
    "The shape is built from the fans, so that vectors and kernels come out as matrices.",
    breaks=("constant_entries_eq_value",),
    seen="2-D only initializers",
)
class ShapeFromFans(Constant):
    def draw(self, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.full((fan_in, fan_out), self.value)
