LR = 0.1
HIDDEN = 128
EPOCHS = 5
BATCH_SIZE = 64
class Config(dict):
    __getattr__ = dict.__getitem__
CFG = Config(lr=LR, hidden=HIDDEN)
