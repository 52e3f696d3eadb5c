import numpy as np


class Adam:
    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.l = model.layers
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        self.m_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.v_W = [np.zeros(layer.W.shape, dtype="f") for layer in self.l]
        self.m_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape, dtype="f") for layer in self.l]

    def update(self, m, v):
        m_hat = m / (1 - self.beta1**self.t)
        v_hat = v / (1 - self.beta2**self.t)
        return self.lr * m_hat / np.sqrt(v_hat + self.eps)

    def step(self):
        self.t += 1
        for i, layer in enumerate(self.l):
            self.m_W[i] = self.beta1 * self.m_W[i] + (1 - self.beta1) * layer.dLdW
            self.v_W[i] = self.beta2 * self.v_W[i] + (1 - self.beta2) * layer.dLdW**2
            self.m_b[i] = self.beta1 * self.m_b[i] + (1 - self.beta1) * layer.dLdb
            self.v_b[i] = self.beta2 * self.v_b[i] + (1 - self.beta2) * layer.dLdb**2
            layer.W = layer.W - self.update(self.m_W[i], self.v_W[i])
            layer.b = layer.b - self.update(self.m_b[i], self.v_b[i])
