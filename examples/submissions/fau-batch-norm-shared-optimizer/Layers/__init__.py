__all__ = ["Base", "BatchNormalization", "Dropout", "FullyConnected", "Initializers"]
