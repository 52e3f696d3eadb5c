"""Adapter for the exercises of FAU's Deep Learning lecture (`Layers/`, `Optimization/`).

`load(root)` gives the operations of one submission as classes with the contract of `reference`;
`find_roots(folder)` finds submissions; `SCRIPT` has the plain Python that reproduces a call.  It is
loaded by path inside the worker: NumPy, the standard library and `loading.py` beside it, no more.

What students vary and the sheets leave open is met here: spellings, shapes of gamma and beta, how
phases are told, the parameters of older editions.  What the sheets do ask for is never repaired.
"""

from __future__ import annotations

import enum
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
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

LAYERS = ("Layers", "")
OPTIMIZATION = ("Optimization", "optimizers", "Optimizers", "Layers", "")
INITIALIZERS = ("Layers", "initializers", "Optimization", "")
PACKAGES = ("Layers", "Optimization", "optimizers", "initializers")
NETWORK = ("",)
Array = Any  # numpy.ndarray; what a student returns may be anything


# --- finding submissions --------------------------------------------------------------------------


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where `Layers/` has dropout or batch normalization.

    Of exercises side by side only the one with `Optimization/Constraints.py` counts.
    """
    return loading.latest_exercise(loading.subfolders(folder, _is_root), _has_constraints)


def _is_root(folder: loading.Folder) -> bool:
    layers = loading.named(folder.folders, "Layers")
    if layers is None:
        return False
    files = {name.lower() for name in loading.listing(os.path.join(folder.path, layers)).files}
    return bool(files & {"dropout.py", "batchnormalization.py"}) or bool(
        _has_constraints(folder.path)
    )


def _has_constraints(root: str) -> int:
    folders = loading.listing(root).folders
    for name in ("Optimization", "optimizers"):
        actual = loading.named(folders, name)
        if actual is not None:
            files = loading.listing(os.path.join(root, actual)).files
            if loading.named(files, "Constraints.py") is not None:
                return 1
    return 0


# --- how a layer is told things -------------------------------------------------------------------


def in_phase(layer: Any, testing: bool) -> Any:
    """The layer, told whether it is tested: `testing_phase`, up to 2020 `phase` (enum or string)."""
    layer.testing_phase = testing
    phase = getattr(layer, "phase", None)
    if isinstance(phase, enum.Enum):
        layer.phase = type(phase)["test" if testing else "train"]
    elif isinstance(phase, str):
        ending = "ing" if phase.endswith("ing") else ""
        layer.phase = ("test" if testing else "train") + ending
    return layer


def is_testing(layer: Any) -> bool:
    """The flag a layer sees, as a bool, in whatever form the network has set it."""
    flag = layer.phase if getattr(layer, "phase", None) is not None else layer.testing_phase
    name = flag.name if isinstance(flag, enum.Enum) else flag
    return name.lower().startswith("test") if isinstance(name, str) else bool(name)


def attach(layer: Any, optimizer: Any) -> None:
    """Give a layer its optimizer as the framework does: the property, to 2019 `set_optimizer`."""
    if hasattr(layer, "set_optimizer") and not hasattr(type(layer), "optimizer"):
        layer.set_optimizer(optimizer)
    else:
        layer.optimizer = optimizer


class Bound:
    """Base of the adapter classes: `theirs` is the student's class, `course` what else there is."""

    theirs: Any
    course: Course


# --- layers ---------------------------------------------------------------------------------------


class Dropout(Bound):
    """`Layers.Dropout.Dropout(probability)`; the sheet's probability is the keep probability."""

    def __init__(self, *, keep: float, p: str = "keep") -> None:
        self.layer = self.theirs(keep if p == "keep" else 1 - keep)

    def train(self, x: Array) -> Array:
        return in_phase(self.layer, False).forward(x)

    def evaluate(self, x: Array) -> Array:
        return in_phase(self.layer, True).forward(x)

    def backward(self, dy: Array) -> Array:
        return in_phase(self.layer, False).backward(dy)


class BatchNorm(Bound):
    """`Layers.BatchNormalization.BatchNormalization(channels)`, its weights and bias gamma and beta.

    They keep the shape that the student gave them: (C,), (1, C) or (C, 1).  Where the layer makes
    them in its first forward pass, they are there already and its assignment gives their shape
    only.  A layer of the editions up to 2019 takes channels=0 for vectors, so it is created at the
    first input.
    """

    def __init__(self, *, gamma: Array, beta: Array) -> None:
        self.values = {"weights": np.array(gamma, float), "bias": np.array(beta, float)}
        self.size = gamma.size
        self.placed = False
        self.layer: Any = None
        declared = loading.parameters(self.theirs)
        if not (self.course.profile == "fau-2019" and declared and declared[0].default == 0):
            self._create(self.size)

    def train(self, x: Array) -> Array:
        return self._forward(x, False)

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, True)

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        dx = in_phase(self.layer, False).backward(dy)
        return dx, self._gradient("weights"), self._gradient("bias")

    def _create(self, channels: int) -> None:
        self.layer = self.theirs(channels)
        if not self._has_values() and hasattr(self.layer, "initialize"):
            wanted = len(loading.parameters(self.layer.initialize))
            self.layer.initialize(*[Fill(1.0), Fill(0.0)][:wanted])
        if self._has_values():
            self._put()

    def _forward(self, x: Array, testing: bool) -> Array:
        if self.layer is None:
            self._create(self.size if x.ndim == 4 else 0)
        in_phase(self.layer, testing)
        if self.placed:
            return self.layer.forward(x)
        self.layer.__class__ = self._holding(self.theirs)
        try:
            return self.layer.forward(x)
        finally:
            self.layer.__class__ = self.theirs
            self._put()

    def _holding(self, theirs: Any) -> Any:
        """The student's class with weights and bias that can be read but keep their values."""

        def held(name: str) -> property:
            def reshape(layer: Any, value: Any) -> None:
                if np.size(value) == self.size:
                    self.values[name] = self.values[name].reshape(np.shape(value))

            return property(lambda layer: self.values[name], reshape)

        return type(theirs.__name__, (theirs,), {name: held(name) for name in self.values})

    def _has_values(self) -> bool:
        found = [self._read(name) for name in self.values]
        return all(isinstance(value, np.ndarray) and value.size == self.size for value in found)

    def _put(self) -> None:
        for name, value in self.values.items():
            before = self._read(name)
            shape = np.shape(before) if np.size(before) == self.size else value.shape
            for alias in ALIASES[name]:
                described = getattr(type(self.layer), alias, None)
                fixed = isinstance(described, property) and described.fset is None
                if not fixed and (alias == name or hasattr(self.layer, alias)):
                    setattr(self.layer, alias, value.reshape(shape).copy())
        self.placed = True

    def _read(self, name: str) -> Any:
        """Gamma or beta under the first of its names that the layer has; None without one."""
        values = [getattr(self.layer, alias, None) for alias in ALIASES[name]]
        return next((value for value in values if value is not None), None)

    def _gradient(self, name: str) -> Array:
        getter = f"get_gradient_{name}"
        value = getattr(self.layer, getter if hasattr(self.layer, getter) else f"gradient_{name}")
        return self._flat(value() if callable(value) else value)

    def _flat(self, value: Any) -> Array:
        """A value of shape (C,), (1, C) or (C, 1) as (C,); anything else as it is."""
        fits = isinstance(value, np.ndarray) and value.size == self.size
        return value.reshape(-1) if fits else value


ALIASES = {"weights": ("weights", "gamma"), "bias": ("bias", "beta")}


class BatchNormUpdate(BatchNorm):
    """The same layer with the student's own optimizer attached, as the network would attach it."""

    def __init__(self, *, gamma: Array, beta: Array, optimizer: str, learning_rate: float) -> None:
        super().__init__(gamma=gamma, beta=beta)
        self.optimizer = self.course.optimizer(optimizer, learning_rate)

    def step(self, x: Array, dy: Array) -> tuple[Array, Array, Array]:
        self.train(x)
        if self.optimizer is not None:
            attach(self.layer, self.optimizer)
            self.optimizer = None
        dx = self.layer.backward(dy)
        return dx, self._flat(self._read("weights")), self._flat(self._read("bias"))


class Activation(Bound):
    """`Layers.Sigmoid`, `Layers.TanH`, `Layers.ReLU`: no parameters."""

    def __init__(self) -> None:
        self.layer = self.theirs()

    def forward(self, x: Array) -> Array:
        return self.layer.forward(x)

    def backward(self, dy: Array) -> Array:
        return self.layer.backward(dy)


class Fill:
    """An initializer with the interface of the course."""

    def __init__(self, value: float) -> None:
        self.value = value

    def initialize(self, weights_shape: Any, fan_in: Any = None, fan_out: Any = None) -> Array:
        return np.full(weights_shape, self.value)


# --- penalties, optimizers, initializers ----------------------------------------------------------


class Penalty(Bound):
    """`L1_Regularizer(alpha)` or `L2_Regularizer(alpha)` of `Optimization/Constraints.py`."""

    def __init__(self, *, strength: float) -> None:
        self.regularizer = self.theirs(strength)

    def value(self, w: Array) -> Array:
        return self.regularizer.norm(w)

    def gradient(self, w: Array) -> Array:
        if not hasattr(self.regularizer, "calculate_gradient") and hasattr(
            self.regularizer, "calculate"
        ):
            return self.regularizer.calculate(w)
        return self.regularizer.calculate_gradient(w)


class Optimizer(Bound):
    """What the optimizers share: one step; the regularizer is attached by `add_regularizer`."""

    def _start(self, arguments: Sequence[float], penalty: str | None, strength: float) -> None:
        self.optimizer = self.theirs(*arguments)
        if penalty is not None:
            self.optimizer.add_regularizer(self.course.penalty(penalty)(strength))
        update = loading.parameters(self.optimizer.calculate_update)
        required = [parameter for parameter in update if parameter.default is parameter.empty]
        self.before = (1.0,) if len(required) == 3 else ()  # individual_delta, up to 2019

    def step(self, w: Any, g: Any) -> Any:
        return self.optimizer.calculate_update(*self.before, w, g)


class Sgd(Optimizer):
    """`Sgd(learning_rate)`."""

    def __init__(
        self, *, learning_rate: float, penalty: str | None = None, strength: float = 0.0
    ) -> None:
        self._start([learning_rate], penalty, strength)


class Momentum(Optimizer):
    """`SgdWithMomentum(learning_rate, momentum)`."""

    def __init__(
        self,
        *,
        learning_rate: float,
        momentum: float,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        self._start([learning_rate, momentum], penalty, strength)


class Adam(Optimizer):
    """`Adam(learning_rate, mu, rho)`; eps reaches it only where it is a fourth parameter."""

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 2.220446049250313e-16,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        names = [parameter.name.lower() for parameter in loading.parameters(self.theirs)]
        takes_eps = len(names) > 3 and names[3] in ("eps", "epsilon")
        self._start([learning_rate, beta1, beta2] + [eps] * takes_eps, penalty, strength)


class Initializer(Bound):
    """`Xavier()` or `He()` of `Layers/Initializers.py`; to 2019 `initialize` takes the shape alone."""

    def __init__(self) -> None:
        self.initializer = self.theirs()

    def draw(self, shape: Sequence[int], fan_in: int, fan_out: int) -> Array:
        alone = len(loading.parameters(self.initializer.initialize)) == 1
        arguments = (tuple(shape),) if alone else (tuple(shape), fan_in, fan_out)
        return self.initializer.initialize(*arguments)


class Constant(Initializer):
    """`Constant(value)`."""

    def __init__(self, *, value: float) -> None:
        self.initializer = self.theirs(value)


class PlainOptimizer:
    """Stands in where a submission has no such optimizer; pure, in the course's interface."""

    def __init__(self, kind: str, learning_rate: float) -> None:
        self.kind, self.learning_rate, self.regularizer = kind, learning_rate, None
        self.v: Any = 0.0
        self.r: Any = 0.0
        self.k = 0

    def add_regularizer(self, regularizer: Any) -> None:
        self.regularizer = regularizer

    def calculate_update(self, *arguments: Any) -> Any:
        w, g = arguments[-2:]
        self.k += 1
        if self.kind == "momentum":
            self.v = 0.9 * self.v - self.learning_rate * g
            return w + self.v
        if self.kind == "adam":
            self.v = 0.9 * self.v + (1 - 0.9) * g
            self.r = 0.999 * self.r + (1 - 0.999) * g * g
            v, r = self.v / (1 - 0.9**self.k), self.r / (1 - 0.999**self.k)
            return w - self.learning_rate * v / (np.sqrt(r) + np.finfo(float).eps)
        return w - self.learning_rate * g


# --- the network ----------------------------------------------------------------------------------


class Data:
    """A data layer that gives one batch for ever."""

    def __init__(self, x: Array, t: Array) -> None:
        self.x, self.t = x, t

    def next(self) -> tuple[Array, Array]:
        return self.x.copy(), self.t.copy()

    def forward(self) -> tuple[Array, Array]:
        return self.next()


class SquaredError:
    """A loss layer: the mean over samples of sum (y - t)^2, integer labels t as unit vectors."""

    def forward(self, y: Array, t: Array) -> float:
        self.difference = y - (np.eye(y.shape[1])[t] if t.ndim == 1 else t)
        return float(np.sum(self.difference**2)) / len(y)

    def backward(self, t: Array) -> Array:
        return 2 * self.difference / len(t)

    def predict(self, y: Array) -> Array:
        return y


class Network(Bound):
    """`NeuralNetwork` of two `FullyConnected` layers whose last row is the bias.

    A weight matrix without a row for the bias gets a row of zeros.  A layer that passes everything
    on comes last, in the place of the sheet's softmax.  The loss layer is the adapter's own
    (`SquaredError`), the regularizer hangs on the student's Sgd, as the sheet has it.
    """

    def __init__(
        self, *, weights: Sequence[Array], penalty: str | None = None, strength: float = 0.0
    ) -> None:
        self.weights, self.penalty, self.strength = list(weights), penalty, strength
        network, dense = self.course.network()
        self.make: Callable[..., Any] = network
        self.dense: Any = dense

    def loss(self, x: Array, t: Array) -> float:
        network = self._build(x, t)
        network.train(1)
        if not network.loss:
            raise LookupError("NeuralNetwork.train(1) leaves no loss in its list `loss`")
        return float(np.asarray(network.loss[-1]).reshape(()))

    def phases(self) -> list[bool]:
        first = self.weights[0]
        x = np.linspace(-1, 1, 2 * first.shape[0]).reshape(2, first.shape[0])
        network = self._build(x, np.zeros((2, self.weights[1].shape[1])))
        probe = self._passing_on()
        network.layers.insert(2, probe)
        seen = []
        for train in (True, False, True):
            if train:
                network.train(1)
            else:
                network.test(x.copy())
            seen.append(probe.seen)
        return seen

    def _build(self, x: Array, t: Array) -> Any:
        optimizer = self.course.optimizer("sgd", 1e-3)
        if self.penalty is not None:
            optimizer.add_regularizer(self.course.penalty(self.penalty)(self.strength))
        network = self.make(optimizer, Fill(0.1), Fill(0.1))
        network.data_layer, network.loss_layer = Data(x, t), SquaredError()
        inputs = x.shape[1]
        for matrix in self.weights:
            rows = matrix if matrix.shape[0] == inputs + 1 else np.vstack([matrix, 0 * matrix[:1]])
            layer = self.dense(inputs, matrix.shape[1])
            if hasattr(network, "append_layer"):
                network.append_layer(layer)
            else:
                network.append_trainable_layer(layer)
            for target in (layer, network.layers[-1]):
                self._put(target, rows)
            inputs = matrix.shape[1]
        network.layers.append(self._passing_on())
        return network

    @staticmethod
    def _put(layer: Any, rows: Array) -> None:
        shape = np.shape(layer.weights)
        if shape == rows.shape:
            layer.weights = rows.copy()
        elif shape == rows.T.shape:
            layer.weights = rows.T.copy()
        else:
            layer.weights = rows[:-1].reshape(shape).copy()
            layer.bias = rows[-1].reshape(np.shape(layer.bias)).copy()

    def _passing_on(self) -> Any:
        """A layer of the student's own base class that passes everything on and keeps the flag."""

        base: Any = self.dense.__mro__[1]

        class PassingOn(base):  # type: ignore[misc]
            def __init__(self) -> None:
                with suppress(TypeError):  # a base class with parameters of its own
                    super().__init__()
                self.trainable = self.testing_phase = self.seen = False
                if not hasattr(self, "weights"):
                    self.weights = 0.0  # some networks ask layers without parameters, too

            def forward(self, x: Array) -> Array:
                self.seen = is_testing(self)
                return x

            def backward(self, dy: Array) -> Array:
                return dy

        return PassingOn()


# --- loading --------------------------------------------------------------------------------------


TABLE: tuple[tuple[str, Sequence[str], str, str, type[Bound]], ...] = (
    ("dropout", LAYERS, "Dropout", "Dropout", Dropout),
    ("batch_norm", LAYERS, "BatchNormalization", "BatchNormalization", BatchNorm),
    ("batch_norm_update", LAYERS, "BatchNormalization", "BatchNormalization", BatchNormUpdate),
    ("l1_penalty", OPTIMIZATION, "Constraints", "L1_Regularizer", Penalty),
    ("l2_penalty", OPTIMIZATION, "Constraints", "L2_Regularizer", Penalty),
    ("sgd", OPTIMIZATION, "Optimizers", "Sgd", Sgd),
    ("momentum", OPTIMIZATION, "Optimizers", "SgdWithMomentum", Momentum),
    ("adam", OPTIMIZATION, "Optimizers", "Adam", Adam),
    ("xavier_normal", INITIALIZERS, "Initializers", "Xavier", Initializer),
    ("he_normal", INITIALIZERS, "Initializers", "He", Initializer),
    ("constant", INITIALIZERS, "Initializers", "Constant", Constant),
    ("network", NETWORK, "NeuralNetwork", "NeuralNetwork", Network),
    ("sigmoid", LAYERS, "Sigmoid", "Sigmoid", Activation),
    ("tanh", LAYERS, "TanH", "TanH", Activation),
    ("relu", LAYERS, "ReLU", "ReLU", Activation),
)
OTHER_EXERCISES = frozenset({"sigmoid", "tanh", "relu"})  # no error where the file is not there
SLOW = frozenset({"network"})  # imported at its first use, since it may import every layer


class Course:
    """One submission's classes, and what several operations need of it."""

    def __init__(self, root: str) -> None:
        self.files = loading.Submission(root, PACKAGES)
        helpers = self.files.find(("Layers",), "Helpers")
        if helpers is not None:
            self.files.use_light_helpers(helpers)
        self.classes: dict[str, Any] = {}
        self.profile: str | None = None

    def find_class(self, folders: Sequence[str], stem: str, name: str, lazy: bool = False) -> Any:
        """The student's class; if `lazy`, None once it is seen to be there.  Or LookupError."""
        path = self.files.find(folders, stem)
        if path is None:
            raise LookupError(f"there is no {folders[0]}{'/' if folders[0] else ''}{stem}.py")
        if lazy:
            loading.defined(path, self.files.show(path), name)
            return None
        found = loading.class_in(self.files.module(path), name)
        if found is None:
            raise LookupError(f"{self.files.show(path)} has no class {name}")
        return found

    def optimizer(self, kind: str, learning_rate: float) -> Any:
        """A new optimizer of the student's, or the adapter's own where there is none."""
        if kind not in self.classes:
            return PlainOptimizer(kind, learning_rate)
        more = {"sgd": (), "momentum": (0.9,), "adam": (0.9, 0.999)}[kind]
        return self.classes[kind](learning_rate, *more)

    def penalty(self, kind: str) -> Any:
        """The student's regularizer class for "l1" or "l2"."""
        if f"{kind}_penalty" not in self.classes:
            raise LookupError(f"there is no {kind.upper()} regularizer to attach")
        return self.classes[f"{kind}_penalty"]

    def network(self) -> tuple[Any, Any]:
        """The student's NeuralNetwork and FullyConnected."""
        network = self.find_class(NETWORK, "NeuralNetwork", "NeuralNetwork")
        return network, self.find_class(LAYERS, "FullyConnected", "FullyConnected")


def load(root: str) -> loading.Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    course = Course(root)
    loaded = loading.Loaded(notes=course.files.notes)
    for operation, folders, stem, name, adapter in TABLE:
        try:
            theirs = course.find_class(folders, stem, name, lazy=operation in SLOW)
        except LookupError as error:
            if operation not in OTHER_EXERCISES or course.files.find(folders, stem) is not None:
                loaded.errors[operation] = str(error.args[0])
            continue
        course.classes[operation] = theirs
        members = {"theirs": theirs, "course": course, "__doc__": adapter.__doc__}
        loaded.operations[operation] = type(adapter.__name__, (adapter,), members)
    absent = [kind for kind in ("sgd", "momentum", "adam") if kind not in course.classes]
    if absent and "batch_norm_update" in loaded.operations:
        loaded.notes.append(
            f"batch_norm_update brings its own {', '.join(absent)}: there is none here"
        )
    if course.files.finder is not None and course.files.finder.left_out():
        libraries = ", ".join(course.files.finder.left_out())
        loaded.notes.append(f"Layers/Helpers.py is loaded without {libraries}")
    loaded.profile = course.profile = edition(course)
    return loaded


def edition(course: Course) -> str | None:
    """The edition that the interfaces point to: "fau-2019" to winter 2019/20, else "fau-2021"."""
    if not course.classes:
        return None
    signs = []
    for name in ("dropout", "batch_norm"):
        if name in course.classes:
            module = sys.modules[course.classes[name].__module__]
            base = sys.modules.get("Layers.Base", module)
            signs.append(hasattr(module, "Phase") or hasattr(base, "Phase"))
    for name in ("l1_penalty", "l2_penalty"):
        if name in course.classes:
            signs.append(not hasattr(course.classes[name], "calculate_gradient"))
    if "sgd" in course.classes:
        update = getattr(course.classes["sgd"], "calculate_update", None)
        signs.append(len(loading.parameters(update)) == 4)
    if "xavier_normal" in course.classes:
        draw = getattr(course.classes["xavier_normal"], "initialize", None)
        signs.append(len(loading.parameters(draw)) == 2)
    return "fau-2019" if any(signs) else "fau-2021"


# --- reproducing a call ---------------------------------------------------------------------------


def _layer(module: str, construct: str) -> dict[str, str]:
    return {
        "imports": f"from Layers.{module} import {module}",
        "new": f"layer = {module}({construct})",
    }


def _optimizer(name: str, arguments: str) -> dict[str, str]:
    return {
        "imports": f"from Optimization.Optimizers import {name}",
        "new": f"optimizer = {name}({arguments})",
        "penalty": "from Optimization.Constraints import L1_Regularizer, L2_Regularizer\n"
        "regularizer = {{'l1': L1_Regularizer, 'l2': L2_Regularizer}}[{penalty}]\n"
        "optimizer.add_regularizer(regularizer({strength}))",
        "step": "w = optimizer.calculate_update({0}, {1})",
    }


def _penalty(name: str) -> dict[str, str]:
    return {
        "imports": f"from Optimization.Constraints import {name}",
        "new": f"penalty = {name}({{strength}})",
        "value": "value = penalty.norm({0})",
        "gradient": "gradient = penalty.calculate_gradient({0})",
    }


def _initializer(name: str, argument: str = "") -> dict[str, str]:
    return {
        "imports": f"from Layers.Initializers import {name}",
        "new": f"initializer = {name}({argument})",
        "draw": "weights = initializer.initialize({0}, {1}, {2})",
    }


_MODES = {
    "train": "layer.testing_phase = False\ny = layer.forward({0})",
    "evaluate": "layer.testing_phase = True\ny = layer.forward({0})",
}
_BATCH_NORM = {
    **_layer("BatchNormalization", "len({gamma})"),
    "new": "layer = BatchNormalization(len({gamma}))\nlayer.weights, layer.bias = {gamma}, {beta}",
}
_NETWORK = {
    "imports": """import numpy as np
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Optimizers import Sgd""",
    "new": """class Data:
    def next(self):
        return self.x.copy(), self.t.copy()


class SquaredError:
    def forward(self, y, t):
        self.difference = y - (np.eye(y.shape[1])[t] if t.ndim == 1 else t)
        return np.sum(self.difference**2) / len(y)

    def backward(self, t):
        return 2 * self.difference / len(t)


optimizer = Sgd(1e-3)
regularizer = {{'l1': L1_Regularizer, 'l2': L2_Regularizer}}.get({penalty})
if regularizer:
    optimizer.add_regularizer(regularizer({strength}))
network = NeuralNetwork(optimizer, Constant(0.1), Constant(0.1))
network.data_layer, network.loss_layer = Data(), SquaredError()
for matrix in {weights}:
    network.append_layer(FullyConnected(*matrix.shape))
    network.layers[-1].weights = np.vstack([matrix, 0 * matrix[:1]])  # the last row is the bias
network.append_layer(Dropout(1.0))""",
    "loss": """network.data_layer.x, network.data_layer.t = {0}, {1}
network.train(1)
loss = network.loss[-1]""",
    "phases": """x = np.ones((2, network.layers[0].weights.shape[0] - 1))
network.data_layer.x, network.data_layer.t = x, network.test(x)
phases = []
for run in (lambda: network.train(1), lambda: network.test(x), lambda: network.train(1)):
    run()
    phases.append(network.layers[0].testing_phase)""",
}
_ACTIVATION = {"forward": "y = layer.forward({0})", "backward": "dx = layer.backward({0})"}

SCRIPT: dict[str, dict[str, str]] = {
    "dropout": {
        **_layer("Dropout", "{keep}"),
        **_MODES,
        "backward": "dx = layer.backward({0})",
    },
    "batch_norm": {
        **_BATCH_NORM,
        **_MODES,
        "backward": "dx = layer.backward({0})\n"
        "dgamma, dbeta = layer.gradient_weights, layer.gradient_bias",
    },
    "batch_norm_update": {
        **_BATCH_NORM,
        "imports": "from Layers.BatchNormalization import BatchNormalization\n"
        "from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum",
        "new": _BATCH_NORM["new"] + "\nmake = {{'sgd': lambda rate: Sgd(rate), "
        "'momentum': lambda rate: SgdWithMomentum(rate, 0.9), "
        "'adam': lambda rate: Adam(rate, 0.9, 0.999)}}\n"
        "layer.optimizer = make[{optimizer}]({learning_rate})",
        "step": "layer.forward({0})\ndx = layer.backward({1})\n"
        "gamma, beta = layer.weights, layer.bias",
    },
    "l1_penalty": _penalty("L1_Regularizer"),
    "l2_penalty": _penalty("L2_Regularizer"),
    "sgd": _optimizer("Sgd", "{learning_rate}"),
    "momentum": _optimizer("SgdWithMomentum", "{learning_rate}, {momentum}"),
    "adam": _optimizer("Adam", "{learning_rate}, {beta1}, {beta2}"),
    "xavier_normal": _initializer("Xavier"),
    "he_normal": _initializer("He"),
    "constant": _initializer("Constant", "{value}"),
    "network": _NETWORK,
    "sigmoid": {**_layer("Sigmoid", ""), **_ACTIVATION},
    "tanh": {**_layer("TanH", ""), **_ACTIVATION},
    "relu": {**_layer("ReLU", ""), **_ACTIVATION},
}
