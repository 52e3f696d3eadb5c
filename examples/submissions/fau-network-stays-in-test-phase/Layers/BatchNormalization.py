import copy

import numpy as np

from Layers.Base import BaseLayer


class BatchNormalization(BaseLayer):
    def __init__(self, channels):
        super().__init__()
        self.trainable = True
        self.channels = channels
        self.alpha = 0.8
        self.epsilon = 1e-15
        self.moving_mean = None
        self.moving_var = None
        self.initialize()
        self._optimizer = None
        self._bias_optimizer = None
        self.gradient_weights = None
        self.gradient_bias = None

    def initialize(self, weights_initializer=None, bias_initializer=None):
        self.weights = np.ones(self.channels)
        self.bias = np.zeros(self.channels)

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizer = copy.deepcopy(optimizer)
        self._bias_optimizer = copy.deepcopy(optimizer)

    def forward(self, input_tensor):
        self.shape = input_tensor.shape
        x = self.reformat(input_tensor) if input_tensor.ndim == 4 else input_tensor
        if self.testing_phase:
            x_hat = (x - self.moving_mean) / np.sqrt(self.moving_var + self.epsilon)
        else:
            mean = np.mean(x, axis=0)
            self.var = np.var(x, axis=0)
            if self.moving_mean is None:
                self.moving_mean = mean
                self.moving_var = self.var
            else:
                self.moving_mean = self.alpha * self.moving_mean + (1 - self.alpha) * mean
                self.moving_var = self.alpha * self.moving_var + (1 - self.alpha) * self.var
            x_hat = (x - mean) / np.sqrt(self.var + self.epsilon)
            self.x_hat = x_hat
        y = self.weights * x_hat + self.bias
        return self.reformat(y) if input_tensor.ndim == 4 else y

    def backward(self, error_tensor):
        error = self.reformat(error_tensor) if error_tensor.ndim == 4 else error_tensor
        self.gradient_weights = np.sum(error * self.x_hat, axis=0)
        self.gradient_bias = np.sum(error, axis=0)

        error_hat = error * self.weights
        centered = error_hat - np.mean(error_hat, axis=0)
        along_x_hat = self.x_hat * np.mean(error_hat * self.x_hat, axis=0)
        dx = (centered - along_x_hat) / np.sqrt(self.var + self.epsilon)

        if self._optimizer is not None:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
            self.bias = self._bias_optimizer.calculate_update(self.bias, self.gradient_bias)
        return self.reformat(dx) if error_tensor.ndim == 4 else dx

    def reformat(self, tensor):
        if tensor.ndim == 4:
            return tensor.transpose(0, 2, 3, 1).reshape(-1, tensor.shape[1])
        batch, channels, height, width = self.shape
        return tensor.reshape(batch, height, width, channels).transpose(0, 3, 1, 2)
