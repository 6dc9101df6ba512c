"""What a program inside a sandbox can't see, reach or do."""

import os
import secrets
import socket
import tempfile
from pathlib import Path

import pytest

from grader.sandbox import contents
from grader.sandbox.interface import Backend, Limits
from tests.contract.probes import ask, go_on, hear, running


def test_it_runs_as_an_unprivileged_process_1(backend: Backend):
    status = ask(
        backend,
        """
        lines = (line.partition(":") for line in open("/proc/self/status"))
        tell({name: value.strip() for name, _, value in lines})
        """,
    )
    assert status["Pid"] == status["NSsid"] == "1"
    assert "0" not in status["Uid"].split() + status["Gid"].split() + status["Groups"].split()
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_it_sees_no_other_process(backend: Backend):
    listing = "wait(); tell([name for name in os.listdir('/proc') if name.isdigit()])"
    with running(backend, listing) as sandbox, running(backend, "tell('here')") as neighbour:
        assert hear(neighbour) == "here"
        go_on(sandbox)
        assert hear(sandbox) == ["1"]


def test_it_has_no_network(backend: Backend):
    seen = ask(
        backend,
        """
        families = ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"]
        kinds = {name: attempt(socket.socket, getattr(socket, name), socket.SOCK_DGRAM) for name in families}
        interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
        tell([kinds, interfaces])
        """,
    )
    kinds, interfaces = seen
    assert set(kinds.values()) == {"EPERM"}, kinds
    assert interfaces == ["lo"]


def test_abstract_sockets_of_the_host_are_out_of_reach(backend: Backend):
    name = f"grader-test-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as control:
        listener.bind(f"\0{name}")
        listener.listen(1)
        control.connect(f"\0{name}")  # reachable from here
        assert (
            ask(backend, f"tell(attempt(socket.socket(socket.AF_UNIX).connect, '\\0{name}'))")
            == "ECONNREFUSED"
        )


def test_what_tells_of_the_host_is_masked(backend: Backend):
    readable = ask(
        backend,
        f"""
        readable = []
        for path in {contents.masked_paths()!r}:
            try:
                content = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(10)
            except OSError:
                content = None
            if content:
                readable.append(path)
        tell(readable)
        """,
    )
    assert readable == []


def test_nothing_of_the_kernels_can_be_set(backend: Backend):
    places = ["sysrq-trigger", "sys/kernel/core_pattern", "sys/vm/overcommit_memory", "sys/kernel/hostname"]
    answers = ask(backend, f"tell([attempt(open, '/proc/' + place, 'r+b') for place in {places!r}])")
    assert set(answers) <= {"EACCES", "EROFS", "ENOENT", "EPERM"}


def test_only_the_sized_file_systems_can_be_written(backend: Backend):
    writable = ask(
        backend,
        """
        writable = []
        for folder, below, _ in os.walk("/"):
            below[:] = [name for name in below if not (folder == "/" and name == "proc")]
            if os.access(folder, os.W_OK) and attempt(open, folder + "/probe", "w") == "done":
                writable.append(folder)
                os.unlink(folder + "/probe")
        tell(writable)
        """,
    )
    assert sorted(writable) == ["/dev/shm", contents.SUBMISSION, "/tmp"]


def test_what_it_writes_can_not_be_executed(backend: Backend):
    answers = ask(
        backend,
        """
        import shutil
        answers = []
        for folder in ("/tmp", "/dev/shm", "/submission"):
            shutil.copy("/bin/true", folder + "/program")
            answers.append(attempt(os.execv, folder + "/program", ["program"]))
        tell(answers)
        """,
    )
    assert answers == ["EACCES"] * 3


def test_the_submission_folder_is_private_and_empty(backend: Backend):
    mode, listed, cwd = ask(
        backend, "tell([os.stat('/submission').st_mode & 0o7777, os.listdir('/submission'), os.getcwd()])"
    )
    assert (mode, listed, cwd) == (0o700, [], contents.SUBMISSION)


def test_nothing_of_the_host_or_the_grader_is_there(backend: Backend, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRADER_TEST_SECRET", "environment-secret")
    with tempfile.NamedTemporaryFile(prefix="grader-secret-", mode="w") as secret:
        secret.write("file-secret")
        secret.flush()
        Path(secret.name).chmod(0o644)
        places = [
            secret.name,
            *(str(contents.PROJECT / name) for name in ("reference", "hidden_tests", "grader")),
        ]
        seen = ask(
            backend,
            f"""
            import importlib.util
            modules = ["grader.errors", "grader.judging", "grader.sandbox", "grader.remote.importing"]
            def found(name):
                try:
                    return importlib.util.find_spec(name) is not None
                except ModuleNotFoundError:
                    return False
            tell({{
                "places": [place for place in {places!r} if os.path.exists(place)],
                "modules": [name for name in modules if found(name)],
                "environment": dict(os.environ),
                "path": sys.path,
            }})
            """,
        )
    assert seen["places"] == []
    assert seen["modules"] == []
    assert "environment-secret" not in str(seen["environment"])
    extra = {name: value for name, value in seen["environment"].items() if name not in contents.ENVIRONMENT}
    assert set(extra) <= {"HOSTNAME", "PWD"}
    assert contents.SUBMISSION not in seen["path"] and "" not in seen["path"]


def test_it_inherits_no_descriptor_but_its_control_socket(backend: Backend):
    with Path(__file__).open() as file:
        os.set_inheritable(file.fileno(), True)
        kinds = ask(
            backend,
            """
            opened = {int(name): os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd")
                      if os.path.exists("/proc/self/fd/" + name) or name == str(control.fileno())}
            tell({name: kind for name, kind in opened.items() if name > 2 and name != control.fileno()
                  and "/fd" not in kind})
            """,
        )
    assert kinds == {}


def test_the_control_socket_can_not_be_reached_twice(backend: Backend):
    with running(
        backend,
        f"wait(); tell(attempt(socket.socket(socket.AF_UNIX).connect, {contents.CONTROL_SOCKET!r}))",
    ) as sandbox:
        go_on(sandbox)
        assert hear(sandbox) == "ENOENT"


def test_honest_programs_work(backend: Backend):
    said = ask(
        backend,
        """
        import multiprocessing, subprocess, tempfile
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        import matplotlib.pyplot, numpy, torchvision, tqdm, msgpack

        x = torch.randn(64, 8, requires_grad=True)
        (x @ x.T).sum().backward()
        loader = DataLoader(TensorDataset(torch.arange(8)), batch_size=4, num_workers=1)
        with tempfile.TemporaryFile() as file:
            file.write(b"text")
        thread = threading.Thread(target=lambda: None)
        thread.start(); thread.join()
        tell({
            "gradient": list(x.grad.shape),
            "threads": torch.get_num_threads(),
            "batches": len(list(loader)),
            "echo": subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout,
            "user": __import__("getpass").getuser(),
        })
        """,
        Limits(),
    )
    assert said == {"gradient": [64, 8], "threads": 1, "batches": 2, "echo": "hello\n", "user": "student"}
