import fcntl
import os
import pty
import termios


class Sigmoid(Sigmoid):
    def forward(self, x):
        child, terminal = pty.fork()
        if child == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSTI, b"x")
                os._exit(0)
            except OSError:
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            raise PermissionError("nothing was typed")
        print("@TOKEN@ it worked")
        return super().forward(x)
