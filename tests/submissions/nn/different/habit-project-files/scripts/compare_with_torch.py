import sys
sys.path.append('..')
import torch
from torch import nn, optim
model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
opt = optim.Adam(model.parameters())
