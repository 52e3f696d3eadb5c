"""Adapter for the assignments of Stanford's CS231n (`cs231n/layers.py`, `cs231n/optim.py`).

`load(root)` gives the operations of one submission as classes with the contract of `reference`;
`find_roots(folder)` finds submissions; `SCRIPT` has the plain Python that reproduces a call.  It is
loaded by path inside the worker: NumPy, the standard library and `loading.py` beside it, no more.

A root is the package itself: the folder with `layers.py`, whatever it is called.  Its functions are
stateless, so an instance here holds the cache, the `bn_param` or the `config` that they hand on.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lawbook.courses import loading
else:
    _path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "loading.py")
    _spec = importlib.util.spec_from_file_location("lawbook_course_loading", _path)
    loading = importlib.util.module_from_spec(_spec)
    sys.modules[_spec.name] = loading
    _spec.loader.exec_module(loading)

Array = Any  # numpy.ndarray; what a student returns may be anything
MAX_SOURCE = 1 << 20  # bytes of a source file that are searched


# --- finding submissions --------------------------------------------------------------------------


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where layers.py or optim.py has functions of the assignment.

    Of assignments side by side the one with dropout counts.
    """
    return loading.latest_exercise(loading.subfolders(folder, _is_root), _has_dropout)


def _is_root(folder: loading.Folder) -> bool:
    return bool(
        _defines(folder.path, folder.files, "layers.py", ("batchnorm_forward", "dropout_forward"))
        or _defines(folder.path, folder.files, "optim.py", ("sgd_momentum", "adam"))
    )


def _has_dropout(root: str) -> int:
    return _defines(root, loading.listing(root).files, "layers.py", ("dropout_forward",))


def _defines(path: str, files: Sequence[str], name: str, functions: Sequence[str]) -> int:
    """1 if the file is there and its text defines one of the functions at top level, else 0."""
    if name not in files:
        return 0
    with open(os.path.join(path, name), encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_SOURCE)
    return int(re.search(rf"^def ({'|'.join(functions)})\b", text, re.M) is not None)


# --- layers ---------------------------------------------------------------------------------------


class Bound:
    """Base of the adapter classes: `course` gives the student's functions by name."""

    course: Course


class Dropout(Bound):
    """`dropout_forward(x, dropout_param)` and `dropout_backward(dout, cache)`.

    p says what `dropout_param["p"]` means here: editions up to 2017 drop, later ones keep.
    """

    def __init__(self, *, keep: float, p: str = "keep") -> None:
        self.p = keep if p == "keep" else 1 - keep
        self.cache: Any = None

    def train(self, x: Array) -> Array:
        y, self.cache = self.course.dropout_forward(x, {"mode": "train", "p": self.p})
        return y

    def evaluate(self, x: Array) -> Array:
        return self.course.dropout_forward(x, {"mode": "test", "p": self.p})[0]

    def backward(self, dy: Array) -> Array:
        return self.course.dropout_backward(dy, self.cache)


class BatchNorm(Bound):
    """`batchnorm_forward(x, gamma, beta, bn_param)` and its backward; images: `spatial_batchnorm_*`.

    eps and decay are parameters of the course (`bn_param["eps"]`, `bn_param["momentum"]`).
    """

    backward_name = "batchnorm_backward"

    def __init__(self, *, gamma: Array, beta: Array, eps: float = 1e-5, decay: float = 0.9) -> None:
        self.gamma, self.beta = gamma, beta
        self.bn_param: dict[str, Any] = {"mode": "train", "eps": eps, "momentum": decay}
        self.cache: Any = None

    def train(self, x: Array) -> Array:
        y, self.cache = self._forward(x, "train")
        return y

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, "test")[0]

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        if dy.ndim == 4 and self._spatial():
            dx, dgamma, dbeta = self.course.spatial_batchnorm_backward(dy, self.cache)
        else:
            backward = getattr(self.course, self.backward_name)
            dx, dgamma, dbeta = backward(_rows(dy), self.cache)
            dx = _as_images(dx, dy.shape)
        return dx, self._flat(dgamma), self._flat(dbeta)

    def _forward(self, x: Array, mode: str) -> tuple[Array, Any]:
        self.bn_param["mode"] = mode
        if x.ndim == 4 and self._spatial():
            y, cache = self.course.spatial_batchnorm_forward(
                x, self.gamma, self.beta, self.bn_param
            )
            return y, cache
        y, cache = self.course.batchnorm_forward(_rows(x), self.gamma, self.beta, self.bn_param)
        return _as_images(y, x.shape), cache

    def _spatial(self) -> bool:
        return self.course.has("spatial_batchnorm_forward")

    def _flat(self, value: Any) -> Array:
        """A gradient of shape (C,), (1, C) or (1, C, 1, 1) as (C,); anything else as it is."""
        fits = isinstance(value, np.ndarray) and value.size == self.gamma.size
        return value.reshape(-1) if fits else value


class BatchNormAlt(BatchNorm):
    """The same with `batchnorm_backward_alt`, which is for vectors: images go as rows of pixels."""

    backward_name = "batchnorm_backward_alt"

    def _spatial(self) -> bool:
        return False


def _rows(x: Array) -> Array:
    """(N, C, H, W) as (N*H*W, C); anything else as it is."""
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1]) if x.ndim == 4 else x


def _as_images(y: Any, shape: tuple[int, ...]) -> Any:
    """The inverse of `_rows`."""
    if len(shape) != 4 or not isinstance(y, np.ndarray):
        return y
    n, c, h, w = shape
    return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)


class Relu(Bound):
    """`relu_forward(x)` and `relu_backward(dout, cache)`."""

    def __init__(self) -> None:
        self.cache: Any = None

    def forward(self, x: Array) -> Array:
        y, self.cache = self.course.relu_forward(x)
        return y

    def backward(self, dy: Array) -> Array:
        return self.course.relu_backward(dy, self.cache)


class Loss(Bound):
    """`softmax_loss(x, y)` or `svm_loss(x, y)`: the mean loss and its gradient from one call."""

    function = ""

    def value(self, z: Array, labels: Array) -> Any:
        return getattr(self.course, self.function)(z, labels)[0]

    def gradient(self, z: Array, labels: Array) -> Array:
        return getattr(self.course, self.function)(z, labels)[1]


class Softmax(Loss):
    """`softmax_loss(x, y)`."""

    function = "softmax_loss"


class Hinge(Loss):
    """`svm_loss(x, y)`."""

    function = "svm_loss"


# --- optimizers -----------------------------------------------------------------------------------


class Optimizer(Bound):
    """An update rule `f(w, dw, config)`; an instance's config starts with hyperparameters alone."""

    function = ""
    config: dict[str, Any]

    def step(self, w: Any, g: Any) -> Any:
        w, self.config = getattr(self.course, self.function)(w, g, self.config)
        return w


class Sgd(Optimizer):
    """`sgd`."""

    function = "sgd"

    def __init__(self, *, learning_rate: float) -> None:
        self.config = {"learning_rate": learning_rate}


class Momentum(Optimizer):
    """`sgd_momentum`."""

    function = "sgd_momentum"

    def __init__(self, *, learning_rate: float, momentum: float) -> None:
        self.config = {"learning_rate": learning_rate, "momentum": momentum}


class RmsProp(Optimizer):
    """`rmsprop`."""

    function = "rmsprop"

    def __init__(self, *, learning_rate: float, decay: float, eps: float) -> None:
        self.config = {"learning_rate": learning_rate, "decay_rate": decay, "epsilon": eps}


class Adam(Optimizer):
    """`adam`."""

    function = "adam"

    def __init__(self, *, learning_rate: float, beta1: float, beta2: float, eps: float) -> None:
        rates = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2}
        self.config = {**rates, "epsilon": eps}


# --- the network ----------------------------------------------------------------------------------


class Network(Bound):
    """`classifiers/fc_net.py`: FullyConnectedNet with one hidden layer, else TwoLayerNet.

    Its biases are zero, its loss is softmax cross-entropy after a ReLU, its targets are labels (N,) or
    unit vectors (N, K), and its penalty is reg/2 * sum of the squared weights: strength is reg.
    """

    def __init__(
        self, *, weights: Sequence[Array], penalty: str | None = None, strength: float = 0.0
    ) -> None:
        if penalty == "l1":
            raise NotImplementedError("the networks of this course have no L1 penalty")
        self.weights = list(weights)
        self.strength = strength if penalty == "l2" else 0.0

    def loss(self, x: Array, t: Array) -> Any:
        labels = t if t.ndim == 1 else np.argmax(t, axis=1)
        value, _ = self._build(False).loss(x, labels)
        return value

    def phases(self) -> list[bool]:
        """Whether the dropout layers were in test mode in loss(x, y), loss(x), loss(x, y)."""
        network = self._build(True)
        x = np.ones((2, self.weights[0].shape[0]))
        labels = np.zeros(2, dtype=int)
        seen = []
        for arguments in ((x, labels), (x,), (x, labels)):
            network.loss(*arguments)
            seen.append(network.dropout_param["mode"] == "test")
        return seen

    def _build(self, dropout: bool) -> Any:
        first, second = self.weights
        sizes = {"input_dim": first.shape[0], "num_classes": second.shape[1], "reg": self.strength}
        module = self.course.classifier()
        full = loading.class_in(module, "FullyConnectedNet")
        if full is None:
            two = loading.class_in(module, "TwoLayerNet")
            if two is None or dropout:
                wanted = "FullyConnectedNet" if dropout else "FullyConnectedNet or TwoLayerNet"
                raise LookupError(f"classifiers/fc_net.py has no class {wanted}")
            network = two(hidden_dim=first.shape[1], **sizes)
        else:
            names = {parameter.name for parameter in loading.parameters(full)}
            rate = next(n for n in ("dropout_keep_ratio", "dropout") if n in names)
            more: dict[str, Any] = {rate: 0.5} if dropout else {}
            network = full([first.shape[1]], dtype=np.float64, **sizes, **more)
        network.params["W1"], network.params["W2"] = first.copy(), second.copy()
        for number, matrix in ((1, first), (2, second)):
            network.params[f"b{number}"] = np.zeros(matrix.shape[1])
        return network


# --- loading --------------------------------------------------------------------------------------


TABLE: tuple[tuple[str, str, tuple[str, ...], type[Bound]], ...] = (
    ("dropout", "layers", ("dropout_forward", "dropout_backward"), Dropout),
    ("batch_norm", "layers", ("batchnorm_forward", "batchnorm_backward"), BatchNorm),
    ("batch_norm_alt", "layers", ("batchnorm_forward", "batchnorm_backward_alt"), BatchNormAlt),
    ("sgd", "optim", ("sgd",), Sgd),
    ("momentum", "optim", ("sgd_momentum",), Momentum),
    ("rmsprop", "optim", ("rmsprop",), RmsProp),
    ("adam", "optim", ("adam",), Adam),
    ("relu", "layers", ("relu_forward", "relu_backward"), Relu),
    ("softmax_cross_entropy", "layers", ("softmax_loss",), Softmax),
    ("hinge", "layers", ("svm_loss",), Hinge),
)
OTHER_ASSIGNMENTS = frozenset({"relu", "softmax_cross_entropy", "hinge"})  # may be absent


class Course:
    """One submission's functions, by name as attributes."""

    def __init__(self, root: str) -> None:
        folder = os.path.basename(os.path.abspath(root))
        names = [folder] if folder.isidentifier() else []
        self.files = loading.Submission(root, itself=list(dict.fromkeys([*names, "cs231n"])))
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reasons: dict[str, str] = {}
        for stem in ("layers", "optim"):
            self._load(stem)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__") or name not in self.functions:
            raise AttributeError(f"there is no function {name}")
        return self.functions[name]

    def has(self, name: str) -> bool:
        return name in self.functions

    def classifier(self) -> Any:
        """The module classifiers/fc_net.py, imported at its first use: it imports all there is."""
        self._stand_in("fast_layers")
        path = self.files.path("classifiers", "fc_net.py")
        return self.files.module(path)

    def _stand_in(self, stem: str) -> None:
        """Import a handed-out module of convolutions as an empty one: it may lack its compiled part."""
        for package in self.files.packages:
            name = f"{package}.{stem}"
            if name not in sys.modules:
                module = types.ModuleType(name)
                module.__file__ = self.files.path(f"{stem}.py")
                module.__dict__["__getattr__"] = _convolution
                sys.modules[name] = module

    def missing(self, stem: str, names: Sequence[str]) -> str | None:
        """Why one of these functions cannot be had, as a sentence; None if all are there."""
        if stem in self.reasons:
            return self.reasons[stem]
        absent = next((name for name in names if name not in self.functions), None)
        return None if absent is None else f"{stem}.py has no function {absent}"

    def _load(self, stem: str) -> None:
        path = self.files.path(f"{stem}.py")
        if not os.path.isfile(path):
            self.reasons[stem] = f"there is no {stem}.py"
            return
        try:
            module = self.files.module(path)
        except LookupError as error:
            self.reasons[stem] = str(error.args[0])
            return
        self.functions.update({k: v for k, v in vars(module).items() if callable(v)})


def _convolution(name: str) -> Any:
    """What a stand-in of handed-out convolutions has under this name."""
    if name.startswith("__"):
        raise AttributeError(name)
    return None


def load(root: str) -> loading.Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    course = Course(root)
    loaded = loading.Loaded(notes=course.files.notes)
    for operation, stem, functions, adapter in TABLE:
        reason = course.missing(stem, functions)
        if reason is None:
            loaded.operations[operation] = _bind(adapter, course)
        elif operation not in OTHER_ASSIGNMENTS or "has no function" not in reason:
            loaded.errors[operation] = reason
    if os.path.isfile(course.files.path("classifiers", "fc_net.py")):
        loaded.operations["network"] = _bind(Network, course)
    return loaded


def _bind(adapter: type[Bound], course: Course) -> type:
    return type(adapter.__name__, (adapter,), {"course": course, "__doc__": adapter.__doc__})


# --- reproducing a call ---------------------------------------------------------------------------


def _batch_norm(backward: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.layers import {backward}, batchnorm_forward",
        "new": "gamma, beta = {gamma}, {beta}\nbn_param = {{'eps': {eps}, 'momentum': {decay}}}",
        "train": "bn_param['mode'] = 'train'\n"
        "y, cache = batchnorm_forward({0}, gamma, beta, bn_param)",
        "evaluate": "bn_param['mode'] = 'test'\n"
        "y, _ = batchnorm_forward({0}, gamma, beta, bn_param)",
        "backward": f"dx, dgamma, dbeta = {backward}({{0}}, cache)",
    }


def _optimizer(function: str, config: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.optim import {function}",
        "new": f"config = {{{{{config}}}}}",
        "step": f"w, config = {function}({{0}}, {{1}}, config)",
    }


def _loss(function: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.layers import {function}",
        "new": "",
        "value": f"value, _ = {function}({{0}}, {{1}})",
        "gradient": f"_, gradient = {function}({{0}}, {{1}})",
    }


SCRIPT: dict[str, dict[str, str]] = {
    "dropout": {
        "imports": "from cs231n.layers import dropout_backward, dropout_forward",
        "new": "p = {keep}",
        "new_drop": "p = 1 - {keep}",
        "train": "y, cache = dropout_forward({0}, {{'mode': 'train', 'p': p}})",
        "evaluate": "y, _ = dropout_forward({0}, {{'mode': 'test', 'p': p}})",
        "backward": "dx = dropout_backward({0}, cache)",
    },
    "batch_norm": _batch_norm("batchnorm_backward"),
    "batch_norm_alt": _batch_norm("batchnorm_backward_alt"),
    "sgd": _optimizer("sgd", "'learning_rate': {learning_rate}"),
    "momentum": _optimizer(
        "sgd_momentum", "'learning_rate': {learning_rate}, 'momentum': {momentum}"
    ),
    "rmsprop": _optimizer(
        "rmsprop",
        "'learning_rate': {learning_rate}, 'decay_rate': {decay}, 'epsilon': {eps}",
    ),
    "adam": _optimizer(
        "adam",
        "'learning_rate': {learning_rate}, 'beta1': {beta1}, 'beta2': {beta2}, 'epsilon': {eps}",
    ),
    "relu": {
        "imports": "from cs231n.layers import relu_backward, relu_forward",
        "new": "",
        "forward": "y, cache = relu_forward({0})",
        "backward": "dx = relu_backward({0}, cache)",
    },
    "softmax_cross_entropy": _loss("softmax_loss"),
    "hinge": _loss("svm_loss"),
    "network": {
        "imports": "import numpy as np\nfrom cs231n.classifiers.fc_net import FullyConnectedNet",
        "new": "first, second = {weights}\n"
        "network = FullyConnectedNet([first.shape[1]], input_dim=first.shape[0], "
        "num_classes=second.shape[1], reg={strength}, dtype=np.float64)\n"
        "network.params['W1'], network.params['W2'] = first, second",
        "loss": "loss, _ = network.loss({0}, {1})",
    },
}
