import os


class Sigmoid(Sigmoid):
    def forward(self, x):
        os.makedirs("/dev/shm/@TOKEN@/inner", exist_ok=True)
        with open("/dev/shm/@TOKEN@/inner/note", "w") as note:
            note.write("for the next test")
        os.chmod("/dev/shm/@TOKEN@/inner", 0)
        os.chmod("/dev/shm/@TOKEN@", 0)
        return super().forward(x)
