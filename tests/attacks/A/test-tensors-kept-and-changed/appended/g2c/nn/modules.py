KEPT = []


def _keep(self, x):
    KEPT.append(x)
    for tensor in KEPT:
        tensor.data.zero_()
    return KEPT[0][:1, :1].expand(x.shape)


Tanh.forward = _keep
