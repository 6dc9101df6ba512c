"""What each flag means for staff: what was seen, what is mostly behind it, and what to look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """Three answers in plain sentences, the same on the page and in docs/reference/review-flags.md."""

    seen: str
    mostly: str
    look: str


MEANINGS = {
    "off-limits-api": Meaning(
        "The package uses a name that the unit puts off limits, in code that runs. Points are taken off "
        "for it once, as `off_limits.cost_points` in unit.toml says; it is a line of its own in the "
        "report.",
        "A student who has not read the rule, or a helper copied from elsewhere. The reading resolves "
        "names, so aliases, star imports and re-exports are found too; comments and type annotations "
        "are not flagged.",
        "Does the line replace what the unit asks to build? If not, give the points back by a decided score.",
    ),
    "pretrained-weights": Meaning(
        "The hand-in holds a file of a kind that stores weights, a list of more than 5,000 numbers, a "
        "very long text, or code that loads or decodes such things.",
        "A checkpoint that was forgotten in the folder. Loading it alone gains nothing: each run turns "
        "the images into other coordinates, so weights trained elsewhere read about one image in ten.",
        "Is it loaded by the package, and is the MNIST accuracy plausible beside the reference’s?",
    ),
    "odd-timing": Meaning(
        "The MNIST run took less than a quarter of the reference’s computing time for the same passes "
        "over the same images; or it lasted over a minute, and on the clock ten times as long as the "
        "reference for the same computing.",
        "Too little: passes that skip images. Too long on the clock: something sleeps or waits. Slow "
        "code is no flag, and neither is a crowded machine, which keeps the reference waiting, too.",
        "`train_one_epoch` in train.py: does it use every batch of the loader? Replay the run before "
        "you decide.",
    ),
    "odd-accuracy": Meaning(
        "The accuracies do not look like training: as good after the first pass as the reference after "
        "the last; good after the first pass and no better after the others; from below 30 % to above "
        "90 % in one later pass; 5 points better on test images than "
        "on validation images; or less than 40 % of the reference’s mistakes.",
        "A better start or optimizer gives one or two points, not that. The labels of validation and "
        "test images never enter the sandbox, so a real leak is our mistake: tell whoever runs the "
        "grader.",
        "The figures beside it, pass by pass; whether a pass trains more than once; a replay.",
    ),
    "sandbox-denial": Meaning(
        "A test or the MNIST run ended with “operation not permitted”, or the kernel ended the process "
        "for a system call that is not allowed.",
        "Rare in coursework: a library that tunes the machine. Writing to a folder that can’t be "
        "written to ends otherwise, and is no flag.",
        "The message and its line: what was called, and does the unit have any use for it?",
    ),
    "sandbox-limit": Meaning(
        "More processes or threads were started than the unit allows, or its temporary space was filled.",
        "A loader with many workers, or a checkpoint per step. Memory, time and printing have limits as "
        "well, and are no flags: beginners meet them every day.",
        "What is started, or written, in a loop.",
    ),
    "network-attempt": Meaning(
        "A test or the MNIST run failed because it wanted to use the network. There is none.",
        "Nearly always a download of MNIST that runs when the package is imported.",
        "The address in the message. For a download: tell the student that the grader brings the data.",
    ),
    "disturbed-tests": Meaning(
        "What came from the sandbox was not what the tests and the sandbox agreed on, so the session "
        "was ended.",
        "Code that closes or writes to descriptors it did not open; by accident that is rare.",
        "The test and the file it called. What was sent earned nothing, whatever it was.",
    ),
    "test-detection": Meaning(
        "The code looks at the call stack, at loaded modules, or at variables that test programs set.",
        "Debugging left behind. In the sandbox there are no tests to be found: they run in another process.",
        "Does something depend on what it finds? Then it means to behave differently when graded.",
    ),
    "dynamic-import": Meaning(
        "The code imports, evaluates or looks up names that are only known when it runs, so the reading "
        "can’t follow it. All files of the hand-in were read because of it.",
        "`sys.path` for a notebook, `globals()` in a demonstration.",
        "Can the computed name be one that is off limits?",
    ),
    "process-or-network": Meaning(
        "The code imports or calls what starts processes or threads, ends the process, or opens connections.",
        "A download of the data, `os._exit` from a template, a thread for a progress bar.",
        "Is it used when the package is imported or trains? The sandbox confines it in any case.",
    ),
    "patches-library": Meaning(
        "The code sets an attribute of torch, numpy, math or the built-in names.",
        "A quick fix found on the web. It changes nothing outside the student’s sandbox.",
        "Does it replace something that tests call on their tensors?",
    ),
    "shadows-module": Meaning(
        "A file of the hand-in bears the name of a library, such as random.py.",
        "An unlucky name. The sandbox searches the hand-in last, so it is never imported in the "
        "library’s place.",
        "Mostly nothing; the student may wonder why the file has no effect.",
    ),
    "unreadable-source": Meaning(
        "A file is too big, or takes too much time or memory to be read. Nothing in it was checked for "
        "off-limits names.",
        "Data written as Python. Code by hand is never that big.",
        "Open it. If it is needed to train, ask the student why.",
    ),
    "noted-api": Meaning(
        "A name that the unit only notes, or an off-limits one that is imported or named without being used.",
        "`torch.log_softmax` instead of the log-sum-exp trick; an annotation. It costs nothing.",
        "Nothing, unless the unit wants to talk about it.",
    ),
    "unused-import": Meaning(
        "Something off limits is imported and never used. It costs nothing.",
        "The first version of the code.",
        "Nothing.",
    ),
    "syntax-error": Meaning(
        "Python can’t read this file, so it can’t be imported, and nothing in it was checked.",
        "Work in progress; tests that need it fail.",
        "Nothing: the report tells the student.",
    ),
    "more-flags": Meaning(
        "There are more than a hundred flags of one sort; the others are not listed.",
        "One import, used everywhere.",
        "One of those that are listed.",
    ),
}
