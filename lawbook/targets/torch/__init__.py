"""PyTorch as a target: the operation classes on torch's layers, initializers and optimizers.

One file per topic, each with its `OPERATIONS` and the `CONVENTIONS` that torch follows.  Inputs and
outputs are NumPy arrays; the device and dtype are in `settings`.  Backward passes are autograd's.
"""
