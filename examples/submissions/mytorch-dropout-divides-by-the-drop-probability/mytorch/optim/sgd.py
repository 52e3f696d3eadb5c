import numpy as np


class SGD:
    def __init__(self, model, lr=0.1, momentum=0):
        self.l = model.layers
        self.lr = lr
        self.mu = momentum
        self.v_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]

    def step(self):
        for layer, v_W, v_b in zip(self.l, self.v_W, self.v_b):
            v_W *= self.mu
            v_W += layer.dLdW
            v_b *= self.mu
            v_b += layer.dLdb
            layer.W = layer.W - self.lr * v_W
            layer.b = layer.b - self.lr * v_b
