"""Intake: what students handed in, found below the given paths and copied into a folder of ours.

Everything here runs in the judge and takes names and contents for hostile: no link is followed, nothing
is imported, every amount is bounded, and what is refused is said in a sentence.
"""

from lawbook.intake.finding import hand_ins, set_aside
from lawbook.intake.hand_in import HandIn, NotTaken, Student, TakenIn
from lawbook.intake.taking import take_in

__all__ = ["HandIn", "NotTaken", "Student", "TakenIn", "hand_ins", "set_aside", "take_in"]
