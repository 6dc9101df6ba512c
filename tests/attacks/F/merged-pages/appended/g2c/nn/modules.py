import mmap


class Sigmoid(Sigmoid):
    def forward(self, x):
        mmap.mmap(-1, 4096).madvise(12)  # MADV_MERGEABLE
        print("@TOKEN@ it worked")
        return super().forward(x)
