import copy


class NeuralNetwork:
    def __init__(self, optimizer, weights_initializer, bias_initializer):
        self.optimizer = optimizer
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.loss = []
        self.layers = []
        self.data_layer = None
        self.loss_layer = None
        self._phase = False

    @property
    def phase(self):
        return self._phase

    @phase.setter
    def phase(self, testing_phase):
        self._phase = testing_phase
        for layer in self.layers:
            layer.testing_phase = testing_phase

    def append_layer(self, layer):
        if layer.trainable:
            layer.optimizer = copy.deepcopy(self.optimizer)
            layer.initialize(self.weights_initializer, self.bias_initializer)
        self.layers.append(layer)

    def forward(self):
        tensor, self.label_tensor = self.data_layer.next()
        penalty = 0
        for layer in self.layers:
            tensor = layer.forward(tensor)
            if layer.trainable and self.optimizer.regularizer is not None:
                penalty += self.optimizer.regularizer.norm(layer.weights)
        return self.loss_layer.forward(tensor, self.label_tensor) + penalty

    def backward(self):
        error_tensor = self.loss_layer.backward(self.label_tensor)
        for layer in reversed(self.layers):
            error_tensor = layer.backward(error_tensor)

    def train(self, iterations):
        self.phase = False
        for _ in range(iterations):
            self.loss.append(self.forward())
            self.backward()

    def test(self, input_tensor):
        self.phase = True
        for layer in self.layers:
            input_tensor = layer.forward(input_tensor)
        return input_tensor
