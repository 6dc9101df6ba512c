"""Answers that are meant to deceive or to break a test: a session can return wrong values, and no more."""

import pytest
import torch

from grader.remote.importing.session import SessionEnded
from grader.remote.wire.codec import Ext
from tests.contract.students import Remote

SOURCE = f"""
import gc, msgpack, struct
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __float__(self): return 1.0
    def __int__(self): return 1
    def __index__(self): return 1
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __contains__(self, item): return True
    def __array__(self, *args): return numpy.ones(1)
    def __sub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __getattr__(self, name): return self
def yes():
    return Yes()
class Tensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True
def tensor():
    return torch.zeros(2).as_subclass(Tensor)
class Number(float):
    def __eq__(self, other): return True
def number():
    return Number(7)
class Text(str):
    def __eq__(self, other): return True
def text():
    return Text("wrong")
def bomb(depth):
    value = []
    for _ in range(depth):
        value = (value,)
    return value
def circle():
    value = []
    value.append(value)
    return value
class No:
    def __bool__(self): return False
def no():
    return No()
def fine():
    return 1
kept = []
def keep(value):
    kept.append(value)

def session():
    return next(o for o in gc.get_objects() if type(o).__name__ == "HostSession")
def send(frame):
    os.write(session()._stream.sock.fileno(), struct.pack(">I", len(frame)) + frame)
def ext(code, body):
    return msgpack.ExtType(code, msgpack.packb(body))
def frame(payload, released=(), new=(), changed=(), extras=((), ()), kind=0):
    return msgpack.packb([kind, extras, released, new, changed, msgpack.packb(payload)])
FLOATS = ["float32", [1], struct.pack("f", 1.0)]
WHOLE = ["int64", [1], struct.pack("q", 1)]
FRAMES = {{
    "empty": b"",
    "noise": bytes(range(256)),
    "number": msgpack.packb(1),
    "too short": msgpack.packb([0, []]),
    "unknown kind": frame(1, kind=9),
    "a tensor that is not shared": frame(ext({Ext.TENSOR:d}, [4, False])),
    "an object of no class": frame(ext({Ext.OBJECT:d}, [0, 1, 10**6])),
    "an object that the test did not pass": frame(ext({Ext.OBJECT:d}, [2, 0])),
    "a class by name": frame(ext({Ext.NAME:d}, ["os", "system"])),
    "an unknown extension": frame(ext(99, 1)),
    "a number of the test's": frame(1, new=[[0, FLOATS, 0, []]]),
    "a result of whole numbers": frame(1, new=[[101, WHOLE, 3, []]]),
    "a leaf of whole numbers": frame(1, new=[[101, WHOLE, 1, []]]),
    "contents that don't fit": frame(1, new=[[101, ["float32", [2**40], b"1234"], 0, []]]),
    "a negative size": frame(1, new=[[101, ["float32", [-1, -1], b"1234"], 0, []]]),
    "empty but endless": frame(1, new=[[101, ["float32", [2**62, 2**62, 0], b""], 0, []]]),
    "an unknown dtype": frame(1, new=[[101, ["object", [1], b"12345678"], 0, []]]),
    "a change of nothing": frame(1, changed=[[100, FLOATS, None, None, False]]),
    "classes of any kind": frame(1, extras=[[[1, 2, 3, 4, 5]], []]),
    "releases of any kind": frame(1, extras=[[], 5]),
    "an error of no kind": frame([1, 2, 3], kind=1),
    "a backward pass of nothing": frame([0, True, 50, FLOATS, []], kind=2),
    "an unhashable key": frame({{"a": 1}}).replace(msgpack.packb({{"a": 1}}), bytes([0x81, 0x90, 0x01])),
}}
def send_frame(name):
    send(FRAMES[name])
    time.sleep(30)
def asks(op, *arguments):
    send(frame([op, True, *arguments], kind=2))
    kind, answer = session().receive()
    return [int(kind), answer[0]]
def announce(length):
    os.write(session()._stream.sock.fileno(), struct.pack(">I", length))
    time.sleep(30)

def wrong_gradient(x):
    import grader.remote.wire.endpoint as endpoint
    endpoint.run_backward = lambda table, output, grad, inputs: answers
    return x * 2
answers = []
def answer_with(value):
    answers[:] = value
def errors(builtin_name):
    raise type(builtin_name, (Exception,), {{"__module__": "_pytest.outcomes"}})("skip me")
def overwrite(x):
    x.data = torch.zeros(7, dtype=torch.float64)
"""


def test_objects_equal_only_themselves(remote: Remote):
    yes = remote(SOURCE).yes()
    assert yes != 1
    assert yes not in (1, [yes], "yes")
    for use in (float, int, abs, lambda x: x < 1, lambda x: x - 1, torch.as_tensor, lambda x: [0, 1][x]):
        with pytest.raises((TypeError, RuntimeError, ValueError)):
            use(yes)
    with pytest.raises(TypeError):
        assert 1 in yes
    with pytest.raises(TypeError):
        torch.allclose(torch.ones(1), yes)


def test_whether_an_object_is_true_is_not_its_own_say(remote: Remote):
    assert remote(SOURCE).no()


def test_subclasses_cross_as_the_builtin(remote: Remote):
    demo = remote(SOURCE)
    with pytest.raises(TypeError):
        demo.tensor()
    assert demo.number() != 1.0
    assert demo.text() != "right"


def test_nested_bombs(remote: Remote):
    demo = remote(SOURCE)
    for use in (lambda: demo.bomb(200), lambda: demo.bomb(10_000), demo.circle):
        with pytest.raises((TypeError, SessionEnded)):
            use()
        remote.open()
    assert demo.fine() == 1


FRAMES = [
    "empty",
    "noise",
    "number",
    "too short",
    "unknown kind",
    "a tensor that is not shared",
    "an object of no class",
    "an object that the test did not pass",
    "a class by name",
    "an unknown extension",
    "a number of the test's",
    "a result of whole numbers",
    "a leaf of whole numbers",
    "contents that don't fit",
    "a negative size",
    "empty but endless",
    "an unknown dtype",
    "a change of nothing",
    "classes of any kind",
    "releases of any kind",
    "an error of no kind",
    "a backward pass of nothing",
    "an unhashable key",
]


@pytest.mark.parametrize("name", FRAMES)
def test_frames_that_the_student_writes(remote: Remote, name: str):
    demo = remote(SOURCE)
    with pytest.raises(SessionEnded) as caught:
        demo.send_frame(name)
    assert caught.value.cause == "protocol"
    assert remote.end().cause == "protocol"


class Holder:
    def __init__(self):
        self._expected = [1.0]

    def _secret(self):
        return 1

    def visible(self):
        return 1


@pytest.mark.parametrize(
    ("request_body", "kind"),
    [
        ((21, 0, "_expected"), "AttributeError"),
        ((21, 0, "__dict__"), "AttributeError"),
        ((21, 0, "__class__"), "AttributeError"),
        ((20, 0, "_secret", [], {}), "AttributeError"),
        ((20, 0, "__getattribute__", ["_expected"], {}), "AttributeError"),
        ((20, 0, "__reduce__", [], {}), "AttributeError"),
        ((77,), "ValueError"),
    ],
    ids=str,
)
def test_requests_for_private_things_are_refused(remote: Remote, request_body: tuple, kind: str):
    demo = remote(SOURCE)
    holder = Holder()
    demo.keep(holder)
    assert demo.asks(*request_body) == [1, kind]


def test_a_frame_that_announces_too_much(remote: Remote):
    demo = remote(SOURCE)
    with pytest.raises(SessionEnded, match="over the limit"):
        demo.announce(2**32 - 1)


@pytest.mark.parametrize(
    "answers",
    [[], [None, None], [["float32", [5], b"\0" * 20]], [["int64", [2], b"\0" * 16]], [3], ["text"]],
    ids=str,
)
def test_gradients_that_do_not_fit(remote: Remote, answers: list):
    demo = remote(SOURCE)
    x = torch.ones(2, requires_grad=True)
    y = demo.wrong_gradient(x)
    demo.answer_with(answers)
    with pytest.raises(SessionEnded) as caught:
        y.sum().backward()
    assert caught.value.cause == "protocol"
    assert x.grad is None


@pytest.mark.parametrize("name", ["Skipped", "SystemExit", "Exit", "KeyboardInterrupt"])
def test_exceptions_by_famous_names(remote: Remote, name: str):
    with pytest.raises(Exception, match="skip me") as caught:
        remote(SOURCE).errors(name)
    assert type(caught.value) is Exception


def test_passed_tensors_may_be_overwritten_so_compare_with_a_copy(remote: Remote):
    x = torch.ones(2)
    remote(SOURCE).overwrite(x)
    assert (x.shape, x.dtype) == ((7,), torch.float64)
