"""Transfer learning: gray images for a colour network, frozen layers, losses in feature space."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import convolution, optimizers, transfer

GRAY = """
# One place of a filter with three channels, on a gray value g that was copied to all three:
let y = w1*g + w2*g + w3*g
y
!= (w1 + w2 + w3)/3*g           # the mean of the weights: the response would be three times too small
= (w1 + w2 + w3)*g              # is the filter with the sum of the weights, on the gray image

# The three weights get the same gradient, so fine-tuning changes their sum three times as fast.
y
diff w1
= g

y
diff w2
= g

# That needs equal copies.  Colour networks subtract a mean and divide by a deviation in each channel:
w1*(g - m1)/s1 + w2*(g - m2)/s2 + w3*(g - m3)/s3
!= (w1 + w2 + w3)*g             # E69: after this step the copies differ
!= (w1 + w2 + w3)*(g - m1)/s1   # E69: nor is it the first channel's own normalization
= (w1/s1 + w2/s2 + w3/s3)*g - (w1*m1/s1 + w2*m2/s2 + w3*m3/s3)

# For g = 0.5 and the usual means and deviations of red and green:
(g - m1)/s1 - (g - m2)/s2
at g = 0.5, m1 = 0.485, s1 = 0.229, m2 = 0.456, s2 = 0.224
!= 0                            # E69: "copying is sufficient"
= 0.015/0.229 - 0.044/0.224
"""

FREEZING = """
# A gradient step with rate 0 leaves the weights as they are,
theta - eta*g
at eta = 0
= theta
code sgd

# also with a penalty in the gradient, since that is multiplied by the rate,
theta - eta*(g + mu*theta)
at eta = 0
= theta
code coupled

# and with momentum that starts at 0.
theta + (alpha*v - eta*g)
at eta = 0
!= theta                        # frozen with a velocity left over from before: it goes on moving the weights
= theta + alpha*v
at v = 0
= theta
code momentum

# Decay that is not multiplied by the rate still shrinks them.
(1 - mu)*theta - eta*g
at eta = 0
!= theta                        # E63: "eta = 0 fixes the layer"
= (1 - mu)*theta
at mu = 0.1, theta = 1
= 0.9

# And the running mean r of a batch norm layer moves with every batch of mean m, whatever the rate.
d*r + (1 - d)*m
!= r                            # E63: it is no parameter, so no rate freezes it
= r + (1 - d)*(m - r)
"""

PERCEPTUAL = """
function phi                    # one feature of a trained network, which stays as it is
(phi(a) - phi(b))**2
diff a
!= 2*(a - b)*phi'(a)            # the difference of the images: it has to be that of the features
!= 2*(phi(a) - phi(b))          # the slope of the network is missing: frozen weights do not make it 1
= 2*(phi(a) - phi(b))*phi'(a)   # through the network to its input
at a = b
= 0                             # equal images have loss 0 and gradient 0

# The reverse is false: images that the network cannot tell apart have loss 0 too.  A dead relu unit:
assume p > 0, q > 0
(max(0, -p) - max(0, -q))**2
= 0
"""


def gray_images() -> Iterator[Statement]:
    """The reference's convolution of copied gray images."""
    gray, kernel, bias = symbols("g", 1, 1, 2, 3), symbols("w", 2, 3, 2, 2), symbols("b", 2)
    copies = transfer.copy_gray(gray, 3)
    summed = transfer.sum_channels(kernel)
    expected = convolution.convolve(gray, summed, bias, 1)
    yield Same(
        "convolving the three copies = convolving the gray image with the summed kernel",
        convolution.convolve(copies, kernel, bias, 1),
        expected,
    )
    dy = symbols("dy", *expected.shape)
    _, dkernel, _ = convolution.convolve_backward(dy, copies, kernel, 1)
    _, dsummed, _ = convolution.convolve_backward(dy, gray, summed, 1)
    for channel in range(3):
        yield Same(
            f"the gradient of channel {channel + 1} is that of the summed kernel",
            dkernel[:, channel],
            dsummed[:, 0],
        )
    means = symbols("m", 3).reshape(1, 3, 1, 1)
    yield Differ(
        "E69: copies less a mean for each channel give the same",
        convolution.convolve(copies - means, kernel, bias, 1),
        expected,
        comment="normalization for each channel makes the copies differ again",
    )


def step(optimizer: Any) -> Any:
    """The reference's step from theta, whatever the gradient."""
    return lambda v: optimizer.step(SymArray([v.theta]), symbols("g", 1))[0]


CHAPTER = Chapter(
    "Transfer learning",
    """A trained network is reused: its first layers are copied, frozen or trained on, and a new head
is put on top. Three small pieces of algebra decide whether that does what was meant: what copies of
a gray image do in a network for colour, what a learning rate of 0 really freezes, and how a loss
measured in a fixed network's features reaches the image.""",
    Derivation(
        "Gray images in a colour network", GRAY, covers=("transfer.copy_gray",), errata=("E69",)
    ),
    Proof(
        "Gray images in the reference",
        gray_images,
        size="2 x 3 pixels, kernel 2 x 2, 2 filters",
        covers=("transfer.copy_gray",),
        errata=("E69",),
    ),
    Derivation(
        "Freezing by a learning rate of 0",
        FREEZING,
        code={
            "sgd": step(optimizers.Sgd(learning_rate=0)),
            "coupled": step(optimizers.Sgd(learning_rate=0, penalty="l2", strength=0.5)),
            "momentum": step(optimizers.Momentum(learning_rate=0, momentum=0.5)),
        },
        covers=("transfer.eta_zero_freezes",),
        errata=("E63",),
    ),
    Gradient(
        "A frozen layer passes the gradient on",
        wrt=("x",),
        inputs={"x": Array("N", "D"), "weights": Array("D", "H")},
        forward=lambda x, weights: transfer.features(x, weights),
        backward=lambda dy, x, weights: transfer.features_backward(dy, x, weights),
        formal="N",
        sizes=({"N": 1, "D": 2, "H": 2},),
        mutate=(transfer.features_backward,),
        torch=lambda torch, x, weights: torch.tanh(x @ weights.detach()),
        covers=("transfer.eta_zero_freezes",),
    ),
    Derivation("A loss in feature space", PERCEPTUAL, covers=("transfer.perceptual_loss",)),
    Gradient(
        "The perceptual loss of the reference",
        wrt=("a",),
        inputs={"a": Array("N", "D"), "b": Array("N", "D"), "weights": Array("D", "H")},
        forward=lambda a, b, weights: transfer.perceptual_loss(a, b, weights),
        backward=lambda a, b, weights: transfer.perceptual_gradient(a, b, weights),
        scalar=True,
        formal="N",
        sizes=({"N": 1, "D": 2, "H": 2},),
        mutate=(transfer.perceptual_gradient, transfer.features_backward),
        torch=lambda torch, a, b, weights: torch.nn.functional.mse_loss(
            torch.tanh(a @ weights), torch.tanh(b @ weights), reduction="sum"
        ),
        covers=("transfer.perceptual_loss",),
    ),
)
