"""The judge's side of a submission: the zygote, the worker, and the backend laws see."""

from lawbook.judge.messages import Description
from lawbook.judge.process import Worker
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Limits, Zygote

__all__ = ["Description", "JudgeError", "Limits", "RemoteBackend", "Worker", "Zygote"]
