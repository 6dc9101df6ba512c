"""Loss functions: predictions and targets in, one number out.

A loss is a scalar, so that `loss.backward()` can fill `.grad` on every parameter that fed into it.

The log-sum-exp trick
---------------------
Cross-entropy is -log softmax(logits)[target]. Written down naively,

    (logits.exp() / logits.exp().sum()).log()

overflows: exp(89) is already infinite in 32-bit floats, and inf / inf is NaN. The logarithm of the
softmax can be taken on paper first:

    log softmax(z)[k] = z[k] - log Σ_j exp(z[j])

and for any constant m,

    log Σ_j exp(z[j]) = m + log Σ_j exp(z[j] - m)

Choose m = max_j z[j]: the largest exponent becomes exp(0) = 1, so nothing overflows, and the sum is
at least 1, so its logarithm is finite. Every row of the batch needs a maximum of its own: with one
maximum for the whole batch, a row of small logits would underflow to log(0).
"""

import warnings

import torch

from g2c.nn.modules import Module

warnings.filterwarnings('ignore')
warnings.simplefilter('ignore', category=UserWarning)


class MSELoss(Module):
    """Mean squared error: \sum_i (\hat{y}_i - y_i)^2 / n, where \hat{y} is the prediction."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the scalar mean of (predictions - targets)²; both have the same shape."""
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """How surprised the model is by the right answer: mean of -log softmax(logits)[target]."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the scalar loss, averaged over the batch.

        logits: raw class scores of shape (B, C), not probabilities; they may be large.
        targets: the right class of every row, integers of shape (B,), each in 0 … C-1.
        """
        shifted = logits - logits.max(dim=1, keepdim=True).values
        log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        rows = torch.arange(len(targets))
        return -log_probabilities[rows, targets].mean()
