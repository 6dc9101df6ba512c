"""Webhooks out: telling other programs of a course when a grade is ready.

Theory of operation. `endpoints` keeps the addresses that instructors register, with a secret each.
`queueing.announce` adds a delivery per endpoint to the very transaction that publishes the grade: there is
never a grade without its deliveries, nor a delivery without its grade. `delivering` is the errand (see
grader.outbound.errands) that workers run: it takes what is due, sends it signed (`signing`, after Standard
Webhooks), and writes down what came of it. What fails is tried again after growing pauses, for three days;
an endpoint that has failed for five days without one success is switched off, and its staff see that.

At least once: a worker that dies between the answer and writing it down leaves a delivery that is sent once
more. Receivers know it again by `webhook-id`. The order is not promised; `data.graded_at` tells it.
"""
