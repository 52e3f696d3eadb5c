"""The plain Python that reproduces a call; it runs in no worker."""

from __future__ import annotations

from ..functions.script import Script, scripts_of

PACKAGE = "cs231n"  # what the scripts call the submission's own folder
SCRIPT: Script = {
    **scripts_of(PACKAGE),
    "network": {
        "imports": "import numpy as np\nfrom cs231n.classifiers.fc_net import FullyConnectedNet",
        "new": "first, second = {weights}\n"
        "network = FullyConnectedNet([first.shape[1]], input_dim=first.shape[0], "
        "num_classes=second.shape[1], reg={strength}, dtype=np.float64)\n"
        "network.params['W1'], network.params['W2'] = first, second",
        "loss": "loss, _ = network.loss({0}, {1})",
    },
}
