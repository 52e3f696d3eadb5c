"""Mistakes in activations."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.activations import LeakyRelu, Relu, Sigmoid, Tanh
from reference.arrays import Array, SameShape

# --- sigmoid ---------------------------------------------------------------------------------------


@mistake(
    "sigmoid",
    "The derivative s (1 - s) is taken of the input x; it is to be taken of the output.",
    breaks=(
        "sigmoid_backward_eq_derivative_times_error",
        "sigmoid_backward_is_of_the_latest_forward",
        "sigmoid_backward_is_derivative_of_forward",
        "sigmoid_derivative_is_at_most_a_quarter",
    ),
    seen="a classic slip",
)
class SlopeOfTheInput(Sigmoid):
    def backward(self, dy: Array) -> SameShape:
        return self.x * (1.0 - self.x) * dy


@mistake(
    "sigmoid",
    "The sigmoid is applied twice: backward takes the sigmoid of the stored output.",
    breaks=(
        "sigmoid_backward_eq_derivative_times_error",
        "sigmoid_backward_is_of_the_latest_forward",
        "sigmoid_backward_is_derivative_of_forward",
        "sigmoid_derivative_is_at_most_a_quarter",
    ),
    seen="a stored output taken for the input",
)
class SlopeOfTheSigmoidOfTheOutput(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        y = super().forward(x)
        self.x = y
        return y


@mistake(
    "sigmoid",
    "backward leaves out the derivative and returns the error as it came.",
    breaks=(
        "sigmoid_backward_eq_derivative_times_error",
        "sigmoid_backward_is_of_the_latest_forward",
        "sigmoid_backward_is_derivative_of_forward",
        "sigmoid_derivative_is_at_most_a_quarter",
    ),
    seen="a layer that passes the error on",
)
class PassesTheErrorOn(Sigmoid):
    def backward(self, dy: Array) -> SameShape:
        return dy


@mistake(
    "sigmoid",
    "backward leaves out the error: it returns the derivative alone.",
    breaks=(
        "sigmoid_backward_eq_derivative_times_error",
        "sigmoid_backward_is_of_the_latest_forward",
        "sigmoid_backward_is_derivative_of_forward",
    ),
    seen="forgotten chain rule",
)
class ForgetsTheError(Sigmoid):
    def backward(self, dy: Array) -> SameShape:
        return super().backward(np.ones(dy.shape))


@mistake(
    "sigmoid",
    "The sign of the exponent is wrong: this is the sigmoid of -x.",
    breaks=(
        "sigmoid_forward_eq_definition",
        "sigmoid_backward_is_derivative_of_forward",
    ),
    seen="a classic slip",
)
class SigmoidOfMinusX(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        return super().forward(-x)


@mistake(
    "sigmoid",
    "The 1 in the denominator is missing: this is exp(x), which is not bounded by 1.",
    breaks=(
        "sigmoid_forward_eq_definition",
        "sigmoid_backward_is_derivative_of_forward",
        "sigmoid_values_are_finite_of_large_inputs",
        "sigmoid_is_symmetric_about_one_half",
    ),
    seen="a slip in the formula",
)
class ForgetsTheOne(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return 1.0 / np.exp(-x)


@mistake(
    "sigmoid",
    "The form exp(x) / (1 + exp(x)) overflows for large x: inf / inf is nan.",
    breaks=("sigmoid_values_are_finite_of_large_inputs",),
    seen="textbook formula",
)
class OverflowingSigmoid(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return np.exp(x) / (1.0 + np.exp(x))


@mistake(
    "sigmoid",
    "backward belongs to the first forward; it must use the latest.",
    breaks=("sigmoid_backward_is_of_the_latest_forward",),
    seen="a cache that is filled once",
)
class SigmoidAtTheFirstInput(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        first = self.x
        y = super().forward(x)
        self.x = first if first.shape else self.x
        return y


@mistake(
    "sigmoid",
    "forward writes into its input.",
    breaks=("sigmoid_arguments_are_unchanged",),
    seen="in-place arithmetic in submissions",
)
class NegatesInPlace(Sigmoid):
    def forward(self, x: Array) -> SameShape:
        y = super().forward(x.copy())
        x *= -1.0
        return y


# --- tanh ------------------------------------------------------------------------------------------


@mistake(
    "tanh",
    "The derivative is 1 - x^2 of the input; it is 1 - y^2 of the output.",
    breaks=(
        "tanh_backward_eq_derivative_times_error",
        "tanh_backward_is_of_the_latest_forward",
        "tanh_backward_is_derivative_of_forward",
    ),
    seen="a classic slip",
)
class OneMinusInputSquared(Tanh):
    def backward(self, dy: Array) -> SameShape:
        return (1.0 - self.x * self.x) * dy


@mistake(
    "tanh",
    "The derivative 1 - y lacks the square: it is 1 - y^2.",
    breaks=(
        "tanh_backward_eq_derivative_times_error",
        "tanh_backward_is_of_the_latest_forward",
        "tanh_backward_is_derivative_of_forward",
    ),
    seen="a classic slip",
)
class ForgetsTheSquare(Tanh):
    def backward(self, dy: Array) -> SameShape:
        return (1.0 - np.tanh(self.x)) * dy


@mistake(
    "tanh",
    "The form (exp(2x) - 1) / (exp(2x) + 1) overflows for large x: inf / inf is nan.",
    breaks=(
        "tanh_forward_eq_definition",
        "tanh_values_are_finite_of_large_inputs",
        "tanh_is_odd",
        "tanh_is_a_scaled_sigmoid",
    ),
    seen="textbook formula",
)
class OverflowingTanh(Tanh):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return (np.exp(2 * x) - 1.0) / (np.exp(2 * x) + 1.0)


@mistake(
    "tanh",
    "The form (exp(x) - exp(-x)) / (exp(x) + exp(-x)) overflows beyond |x| = 709.",
    breaks=("tanh_values_are_finite_of_large_inputs",),
    seen="textbook formula",
)
class OverflowingTanhOfHugeInput(Tanh):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        up: Array = np.exp(x)
        down: Array = np.exp(-x)
        return (up - down) / (up + down)


@mistake(
    "tanh",
    "This is 2 sigma(x) - 1 = tanh(x/2): the argument of the sigmoid lacks its factor 2.",
    breaks=(
        "tanh_forward_eq_definition",
        "tanh_backward_eq_derivative_times_error",
        "tanh_backward_is_of_the_latest_forward",
        "tanh_backward_is_derivative_of_forward",
        "tanh_is_a_scaled_sigmoid",
    ),
    seen="a slip in the relation to the sigmoid",
)
class TanhOfHalfTheInput(Tanh):
    def forward(self, x: Array) -> SameShape:
        return super().forward(0.5 * x)


@mistake(
    "tanh",
    "The sigmoid is returned: tanh is odd and has the range (-1, 1).",
    breaks=(
        "tanh_forward_eq_definition",
        "tanh_backward_is_derivative_of_forward",
        "tanh_is_odd",
        "tanh_is_a_scaled_sigmoid",
    ),
    seen="one file copied from the other",
)
class ReturnsTheSigmoid(Tanh):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        y: Array = 0.5 * (1.0 + np.tanh(0.5 * x))
        return y


@mistake(
    "tanh",
    "backward belongs to the first forward; it must use the latest.",
    breaks=("tanh_backward_is_of_the_latest_forward",),
    seen="a cache that is filled once",
)
class TanhAtTheFirstInput(Tanh):
    def forward(self, x: Array) -> SameShape:
        first = self.x
        y = super().forward(x)
        self.x = first if first.shape else self.x
        return y


@mistake(
    "tanh",
    "backward writes into the error it is given.",
    breaks=("tanh_arguments_are_unchanged",),
    seen="in-place arithmetic in submissions",
)
class ScalesTheErrorInPlace(Tanh):
    def backward(self, dy: Array) -> SameShape:
        dy *= 1.0 - np.tanh(self.x) ** 2
        return dy


# --- ReLU ------------------------------------------------------------------------------------------


@mistake(
    "relu",
    "backward keeps the error where the error is positive; it is to be kept where the input is.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
        "relu_backward_is_derivative_of_forward",
        "relu_passes_nothing_of_negative_inputs",
    ),
    seen="a classic slip",
)
class MasksByTheError(Relu):
    def backward(self, dy: Array) -> SameShape:
        return np.where(dy > 0, dy, 0.0)


@mistake(
    "relu",
    "backward returns the mask alone: the error is left out.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
        "relu_backward_is_derivative_of_forward",
    ),
    seen="forgotten chain rule",
)
class ReturnsTheMask(Relu):
    def backward(self, dy: Array) -> SameShape:
        return (self.x > 0).astype(float)


@mistake(
    "relu",
    "backward passes the whole error; where the input is negative the derivative is 0.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
        "relu_backward_is_derivative_of_forward",
        "relu_passes_nothing_of_negative_inputs",
    ),
    seen="a layer that passes the error on",
)
class PassesAllErrors(Relu):
    def backward(self, dy: Array) -> SameShape:
        return dy


@mistake(
    "relu",
    "The error is multiplied by the output; the derivative is 1, not x, for positive inputs.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
        "relu_backward_is_derivative_of_forward",
    ),
    seen="output taken for the mask",
)
class MultipliesByTheOutput(Relu):
    def backward(self, dy: Array) -> SameShape:
        return np.maximum(self.x, 0.0) * dy


@mistake(
    "relu",
    "The derivative is found as y / x, which is nan at x = 0.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
    ),
    seen="a clever division",
)
class DividesByTheInput(Relu):
    def backward(self, dy: Array) -> SameShape:
        return np.maximum(self.x, 0.0) / self.x * dy


@mistake(
    "relu",
    "The absolute value is returned: negative inputs must become 0.",
    breaks=(
        "relu_forward_eq_definition",
        "relu_backward_is_derivative_of_forward",
        "relu_is_idempotent_and_homogeneous",
        "relu_passes_nothing_of_negative_inputs",
    ),
    seen="a slip",
)
class TakesTheAbsoluteValue(Relu):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return np.abs(x)


@mistake(
    "relu",
    "The output is cut off at 6; ReLU is not bounded.",
    breaks=(
        "relu_forward_eq_definition",
        "relu_is_idempotent_and_homogeneous",
    ),
    seen="ReLU6",
)
class CutsOffAtSix(Relu):
    def forward(self, x: Array) -> SameShape:
        return np.minimum(super().forward(x), 6.0)


@mistake(
    "relu",
    "The output is cut to integers where the first unit is not positive: np.vectorize takes its "
    "type from the first result, the integer 0.",
    breaks=(
        "relu_forward_eq_definition",
        "relu_backward_is_derivative_of_forward",
        "relu_is_idempotent_and_homogeneous",
    ),
    seen="np.vectorize in a FAU submission",
)
class TakesTheTypeOfTheFirstUnit(Relu):
    def forward(self, x: Array) -> SameShape:
        y = super().forward(x)
        return y if x.ravel()[0] > 0 else np.trunc(y)


@mistake(
    "relu",
    "Only arrays of two axes are accepted: the units are visited by two loops.",
    breaks=(
        "relu_backward_eq_derivative_times_error",
        "relu_backward_is_of_the_latest_forward",
        "relu_backward_is_derivative_of_forward",
        "relu_arguments_are_unchanged",
        "relu_passes_nothing_of_negative_inputs",
    ),
    seen="loops over shape[0] and shape[1] in a FAU submission",
)
class BackwardAcceptsTwoAxesOnly(Relu):
    def backward(self, dy: Array) -> SameShape:
        dx = np.zeros((dy.shape[0], dy.shape[1]))
        for row, unit in np.ndindex(*dx.shape):
            if self.x[row, unit] > 0:
                dx[row, unit] = dy[row, unit]
        return dx


@mistake(
    "relu",
    "backward belongs to the first forward; it must use the latest.",
    breaks=("relu_backward_is_of_the_latest_forward",),
    seen="a cache that is filled once",
)
class ReluAtTheFirstInput(Relu):
    def forward(self, x: Array) -> SameShape:
        first = self.x
        y = super().forward(x)
        self.x = first if first.shape else self.x
        return y


@mistake(
    "relu",
    "forward sets the negative inputs to 0 in the caller's array.",
    breaks=("relu_arguments_are_unchanged",),
    seen="x[x < 0] = 0 in FAU submissions",
)
class SetsNegativesInPlace(Relu):
    def forward(self, x: Array) -> SameShape:
        y = super().forward(x.copy())
        x[x < 0] = 0.0
        return y


# --- leaky ReLU ------------------------------------------------------------------------------------


@mistake(
    "leaky_relu",
    "The negative side is 0: this is the plain ReLU.",
    breaks=(
        "leaky_relu_forward_eq_definition",
        "leaky_relu_backward_eq_derivative_times_error",
        "leaky_relu_backward_is_of_the_latest_forward",
        "leaky_relu_eq_maximum",
    ),
    seen="slope not used",
)
class IgnoresTheSlope(LeakyRelu):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return np.maximum(x, 0.0)

    def backward(self, dy: Array) -> SameShape:
        return np.where(self.x > 0, dy, 0.0)


@mistake(
    "leaky_relu",
    "backward is that of the plain ReLU: the slope is missing for negative inputs.",
    breaks=(
        "leaky_relu_backward_eq_derivative_times_error",
        "leaky_relu_backward_is_of_the_latest_forward",
        "leaky_relu_backward_is_derivative_of_forward",
    ),
    seen="backward copied from ReLU",
)
class DropsTheLeakInBackward(LeakyRelu):
    def backward(self, dy: Array) -> SameShape:
        return np.where(self.x > 0, dy, 0.0)


@mistake(
    "leaky_relu",
    "Positive inputs are divided by the slope; they are to stay as they are.",
    breaks=(
        "leaky_relu_forward_eq_definition",
        "leaky_relu_backward_is_derivative_of_forward",
        "leaky_relu_eq_maximum",
    ),
    seen="the slide's derivative 1/a read as a factor",
)
class DividesPositivesByTheSlope(LeakyRelu):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        return np.where(x > 0, x / self.slope, x)


@mistake(
    "leaky_relu",
    "The minimum of x and slope x is taken; it is the maximum.",
    breaks=(
        "leaky_relu_forward_eq_definition",
        "leaky_relu_backward_is_derivative_of_forward",
        "leaky_relu_eq_maximum",
    ),
    seen="a slip",
)
class TakesTheMinimum(LeakyRelu):
    def forward(self, x: Array) -> SameShape:
        self.x = x
        y: Array = np.minimum(x, self.slope * x)
        return y


@mistake(
    "leaky_relu",
    "backward belongs to the first forward; it must use the latest.",
    breaks=("leaky_relu_backward_is_of_the_latest_forward",),
    seen="a cache that is filled once",
)
class LeakyReluAtTheFirstInput(LeakyRelu):
    def forward(self, x: Array) -> SameShape:
        first = self.x
        y = super().forward(x)
        self.x = first if first.shape else self.x
        return y


@mistake(
    "leaky_relu",
    "The slope multiplies the negative inputs in the caller's array.",
    breaks=("leaky_relu_arguments_are_unchanged",),
    seen="x[x < 0] *= slope in submissions",
)
class ScalesNegativesInPlace(LeakyRelu):
    def forward(self, x: Array) -> SameShape:
        y = super().forward(x.copy())
        x[x < 0] *= self.slope
        return y
