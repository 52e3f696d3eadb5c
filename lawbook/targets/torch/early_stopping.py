"""Early stopping on torch: its plateau scheduler as the rule, its SGD and solver on the quadratic."""

from __future__ import annotations

import torch

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array


class EarlyStopping:
    """torch.optim.lr_scheduler.ReduceLROnPlateau: training stops where it first lowers the rate."""

    def __init__(self, *, patience: int, min_delta: float = 0.0) -> None:
        self.patience, self.min_delta = patience, min_delta

    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=1.0)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer,
            patience=self.patience,
            threshold=self.min_delta,
            threshold_mode="abs",
        )
        epoch = best = 0
        for epoch, loss in enumerate(tensor(losses)):
            plateau.step(loss)
            if plateau.get_last_lr()[0] < 1.0:
                break
            best = epoch if plateau.num_bad_epochs == 0 else best
        return epoch + 1, best, parameters[best]


class GradientDescent:
    """torch.optim.SGD on (w - w*)' H (w - w*) / 2, its gradient by autograd."""

    def __init__(self, *, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        hessian, target, w = tensor(H), tensor(optimum), torch.nn.Parameter(tensor(start))
        optimizer = torch.optim.SGD([w], lr=self.learning_rate)
        for _ in range(steps):
            optimizer.zero_grad()
            ((w - target) @ hessian @ (w - target) / 2).backward()
            optimizer.step()
        return numpy(w)


class Ridge:
    """torch.linalg.solve of the normal equations (in float32 where the dtype is narrower)."""

    def __init__(self, *, mu: float) -> None:
        self.mu = mu

    def solve(self, H: Array, optimum: Array) -> Array:
        hessian, target = tensor(H), tensor(optimum)
        wide = torch.promote_types(hessian.dtype, torch.float32)
        penalized = hessian + self.mu * torch.eye(len(target)).to(hessian)
        solution = torch.linalg.solve(penalized.to(wide), (hessian @ target).to(wide))
        return numpy(solution.to(hessian.dtype))


OPERATIONS = {
    "early_stopping": EarlyStopping,
    "gradient_descent": GradientDescent,
    "ridge": Ridge,
}
CONVENTIONS = {"early_stopping": {"stop_when": "exceeds", "best": "improved"}}
