from g2c.nn.loss import *
from g2c.nn.modules import *
from g2c.nn.optim import *
from g2c.nn.train import *
