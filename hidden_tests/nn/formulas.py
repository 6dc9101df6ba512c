"""What the right code computes, and what each known mistake computes instead, in plain torch.

Nothing here touches a student's code; `torch.nn.functional` is fine on this side.
"""

import torch
import torch.nn.functional as F
from checks import close, numbers


def linear(x, W, b):
    """Return x W + b."""
    return x @ W + b


def mlp(parameters, x):
    """Return the logits of Linear, ReLU, Linear with parameters [W1, b1, W2, b2], or of one Linear."""
    out = linear(x, *parameters[:2])
    return out if len(parameters) == 2 else linear(out.clamp(min=0), *parameters[2:])


def sgd_step(p, grad, lr, weight_decay):
    """Return the parameter after one right step."""
    return p - lr * (grad + weight_decay * p)


def sgd_step_shrinking_last(p, grad, lr, weight_decay):
    """Return the parameter after a step that shrinks it after the gradient's part: also fine."""
    return (p - lr * grad) * (1 - lr * weight_decay)


def is_right_step(got, p, grad, lr, weight_decay):
    """Whether a parameter after one step is right, in either order of its two parts."""
    return any(close(got, step(p, grad, lr, weight_decay)) for step in (sgd_step, sgd_step_shrinking_last))


MISTAKEN_DECAY = {
    "weight-decay-ignored": [lambda p, grad, lr, wd: p - lr * grad],
    "weight-decay-sign": [
        lambda p, grad, lr, wd: p - lr * (grad - wd * p),
        lambda p, grad, lr, wd: (p - lr * grad) * (1 + lr * wd),
    ],
    "weight-decay-unscaled": [
        lambda p, grad, lr, wd: p - lr * grad - wd * p,
        lambda p, grad, lr, wd: (p - lr * grad) * (1 - wd),
    ],
}
"""Code → the steps that this mistake takes, depending on the order of their two parts."""


MISTAKEN_CROSS_ENTROPY = (
    ("shape-error", lambda logits, targets: F.cross_entropy(logits, targets, reduction="none")),
    ("loss-sum-not-mean", lambda logits, targets: F.cross_entropy(logits, targets, reduction="sum")),
    (
        "loss-sum-not-mean",
        lambda logits, targets: F.cross_entropy(logits, targets, reduction="sum") / logits.shape[1],
    ),
    ("softmax-then-log", lambda logits, targets: F.cross_entropy(logits.softmax(dim=1), targets)),
    (
        "cross-entropy-global-max",
        lambda logits, targets: F.cross_entropy(logits - logits.max(dim=0).values, targets),
    ),
)
"""(code, the loss that this mistake computes from ordinary logits)"""


def train(
    parameters, batches, lr, weight_decay=0.0, step=sgd_step, accumulate=False, summed=False, squashed=False
):
    """Train on copies of the parameters; return (loss of every step, trained parameters).

    parameters: [W, b] or [W1, b1, W2, b2]. batches: (inputs, labels) per step.
    accumulate: as if zero_grad had been forgotten. summed: as if the loss were a sum, not a mean.
    squashed: as if the loss were handed softmax(logits).
    """
    parameters = [numbers(p).requires_grad_() for p in parameters]
    totals = [torch.zeros_like(p) for p in parameters]
    losses = []
    for x, y in batches:
        logits = mlp(parameters, x)
        loss = F.cross_entropy(logits.softmax(dim=1) if squashed else logits, y)
        grads = torch.autograd.grad(loss * len(y) if summed else loss, parameters)
        totals = [total + grad if accumulate else grad for total, grad in zip(totals, grads, strict=True)]
        with torch.no_grad():
            for p, grad in zip(parameters, totals, strict=True):
                p.copy_(step(p, grad, lr, weight_decay))
        losses.append(loss.item())
    return losses, [numbers(p) for p in parameters]
