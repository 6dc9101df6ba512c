# trying things out; imported by nobody
import torch

print(torch.__version__)
