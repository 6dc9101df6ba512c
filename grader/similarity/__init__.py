"""Hand-ins that are alike beyond what the assignment makes alike: found for people to look at, never judged.

Theory of operation. `choosing` says which submission of each student is compared, and `check` does the
work as a task. A hand-in is read with intake's own limits (`sources`) and turned into *fingerprints* in a
child process (`engine`, `fingerprinting`) with a limit of time and memory for each: student code is only
parsed, but a file can be made to blow a parser up, and then only its own hand-in goes uncompared.

Disguises that cost nothing are taken off first (`statements`): each statement is read by itself, so that
order and inserted code don't matter, without comments, docstrings and annotations, and with every name
replaced that its writer chose. The engine of the field, copydetect, takes fingerprints of what is left.
What the template holds is removed; what many hand-ins share, because the assignment suggests it, weighs
little (`measuring`). `matching` finds the parts that two hand-ins share, for people to read side by side
(`viewing`). `asking` starts a check, for staff or by itself once a unit is over for everybody.
"""
