import os
import socket
import sys
import threading
import time


def _hang_up():
    main = threading.main_thread().ident
    while True:
        frame = sys._current_frames().get(main)
        if frame is not None and frame.f_code.co_name == "receive_with_descriptors":
            frame.f_locals["self"].sock.shutdown(socket.SHUT_RDWR)
        time.sleep(0.0005)


def _fail(self, x):
    os.kill(os.getpid(), 9)


threading.Thread(target=_hang_up, daemon=True).start()

Linear.forward = ReLU.forward = Tanh.forward = Sigmoid.forward = _fail
