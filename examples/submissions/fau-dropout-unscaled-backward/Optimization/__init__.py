__all__ = ["Constraints", "Optimizers"]
