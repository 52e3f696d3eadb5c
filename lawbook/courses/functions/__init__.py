"""What the courses share whose layers and update rules are functions (CS231n, I2DL).

`dropout_forward(x, dropout_param)`, `batchnorm_forward(x, gamma, beta, bn_param)` in `layers.py`,
`sgd_momentum(w, dw, config)` in `optim.py`: stateless, so an instance here holds the cache, the `bn_param` or
the `config` that they hand on.
"""
