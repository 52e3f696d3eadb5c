from .adam import Adam


class AdamW(Adam):
    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(model, lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self):
        super().step()
        for layer in self.l:
            layer.W = layer.W - self.lr * self.weight_decay * layer.W
            layer.b = layer.b - self.lr * self.weight_decay * layer.b
