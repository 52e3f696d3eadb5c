from .activation import ReLU, Sigmoid, Tanh
from .batchnorm import BatchNorm1d
from .dropout import Dropout
