"""The zygote: the process that imports the submission once and forks one session per test.

It receives the files and the package's name over its stream, writes the files to the
submission folder, imports the modules, describes what they offer, and then forks a session for
every `open` that arrives with a socket and an output descriptor, reporting how each ended.
The submission folder goes *last* on sys.path: a file called torch.py shadows nothing.
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import sys
import types
from pathlib import Path
from typing import Any

import msgpack
import torch

from grader.remote.host.errors import describe_error
from grader.remote.host.objects import ClassTable
from grader.remote.host.prctl import set_inspectable
from grader.remote.host.session import serve_session
from grader.remote.wire.codec import CannotCross, Codec
from grader.remote.wire.frames import ConnectionEnded, FrameStream

OOM_SCORE = "1000"  # the kernel should take a session, never process 1


def run_zygote(sock: socket.socket, submission_dir: Path) -> None:
    """Serve `load` once and then any number of `open` until the stream ends."""
    stream = FrameStream(sock)
    order = msgpack.unpackb(stream.receive())
    _write_files(order["files"], submission_dir)
    sys.path.append(str(submission_dir))
    os.chdir(submission_dir)
    classes = ClassTable()
    stream.send(msgpack.packb(_import_and_describe(order["modules"], classes, str(submission_dir))))
    gc.freeze()  # forks share the heap instead of copying it at the first collection
    set_inspectable(False)  # what a session could write to its /proc, later sessions would inherit
    while True:
        try:
            payload, (session_fd, output_fd) = stream.receive_with_descriptors()
        except ConnectionEnded:
            return
        order = msgpack.unpackb(payload)
        pid = os.fork()
        if pid == 0:
            stream.close()
            _become_session(session_fd, output_fd, order["seed"], classes, str(submission_dir))
        os.close(session_fd)
        os.close(output_fd)
        _, status = os.waitpid(pid, 0)
        stream.send(msgpack.packb(os.waitstatus_to_exitcode(status)))


def _become_session(
    session_fd: int, output_fd: int, seed: int, classes: ClassTable, submission_dir: str
) -> None:
    exit_code = 1
    try:
        set_inspectable(True)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        os.close(output_fd)
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)
        torch.manual_seed(seed)
        serve_session(socket.socket(fileno=session_fd), classes, submission_dir)
        exit_code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def _write_files(files: dict[str, bytes], submission_dir: Path) -> None:
    for name, content in files.items():
        path = submission_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _import_and_describe(modules: list[str], classes: ClassTable, submission_dir: str) -> dict[str, Any]:
    """Return {"names": {module: {name: [kind, …]}}, "classes": […]} or {"error": description}."""
    try:
        names = {name: _describe_module(importlib.import_module(name), classes) for name in modules}
    except BaseException as error:
        return {"error": describe_error(error, submission_dir)}
    described, classes.undescribed = classes.undescribed, []
    return {"names": names, "classes": described}


def _describe_module(module: types.ModuleType, classes: ClassTable) -> dict[str, list[Any]]:
    described: dict[str, list[Any]] = {}
    values = Codec(None)  # type: ignore[arg-type]  # plain values only
    for name, value in vars(module).items():
        if name.startswith("_") or isinstance(value, types.ModuleType):
            continue
        if isinstance(value, type):
            if value.__module__.startswith(("torch", "builtins", "typing", "collections")):
                continue
            described[name] = ["class", classes.number(value)]
        elif callable(value):
            described[name] = ["function"]
        elif isinstance(value, (bool, int, float, str, type(None))):
            try:
                described[name] = ["value", values.encode(value)]
            except CannotCross:
                continue
    return described
