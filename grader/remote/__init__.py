"""Remote import: tests here, student code there, and only data in between.

Theory of operation. A test says `from g2c.nn import Linear`. In the trusted process that
name is a proxy; using it sends a request over a unix socket to a *session*, a process inside
the sandbox that has imported the submission, and what comes back is decoded to plain values,
dense tensors, proxies and exceptions of builtin types.

    wire/       what both sides share: frames, codec, the table of shared tensors, autograd links
    host/       the sandbox side: process 1 (never runs student code) forks a zygote (imports the
                submission once), which forks one session per test
    importing/  the trusted side: control of the host, sessions, proxies, the import hook

Control strictly alternates, so exactly one side runs at a time: a request is answered by a
result or an error, and while it is being served the other side may send requests of its own
(a test-defined layer called back by the student's `Sequential`). Every frame carries what its
sender changed in the tensors that both sides know, so both always see the same values.

The session is untrusted. It can return wrong values, and nothing else: no code, class, pickle
or comparison of the student's ever runs on the trusted side, and random state travels only
towards the sandbox.
"""
