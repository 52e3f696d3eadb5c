import numpy as np


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha = alpha
        self.eps = 1e-8

        self.BW = np.ones((1, num_features))
        self.Bb = np.zeros((1, num_features))
        self.dLdBW = np.zeros((1, num_features))
        self.dLdBb = np.zeros((1, num_features))

        self.running_M = np.zeros((1, num_features))
        self.running_V = np.ones((1, num_features))

    def forward(self, Z, eval=False):
        if eval:
            NZ = (Z - self.running_M) / np.sqrt(self.running_V + self.eps)
            return self.BW * NZ + self.Bb

        self.N = len(Z)
        M = np.mean(Z, axis=0, keepdims=True)
        V = np.var(Z, axis=0, keepdims=True)
        self.S = np.sqrt(V + self.eps)
        self.NZ = (Z - M) / self.S

        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * M
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * V
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)

        dLdNZ = dLdBZ * self.BW
        dLdS = -np.sum(dLdNZ * self.NZ, axis=0, keepdims=True) / self.S
        dLdC = dLdNZ / self.S + self.NZ * dLdS / self.N
        return dLdC - np.mean(dLdC, axis=0, keepdims=True)
