"""The judge's side of a submission: the zygote, the worker process, and the backend that laws see."""
