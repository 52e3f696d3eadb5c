"""Number systems: what unmodified NumPy code of the reference runs on besides float64."""
