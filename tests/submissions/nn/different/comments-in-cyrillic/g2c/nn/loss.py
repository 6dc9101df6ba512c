"""Loss functions."""

import torch

from g2c.nn.modules import Module


class MSELoss(Module):
    """Mean squared error (given)."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """Перекрёстная энтропия: логиты (B, C), классы (B,)."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        # Вычитаем максимум каждой строки, чтобы exp() не переполнялась
        сдвиг = logits - logits.max(dim=1, keepdim=True).values
        log_probs = сдвиг - сдвиг.exp().sum(dim=1, keepdim=True).log()
        return -log_probs[torch.arange(len(targets)), targets].mean()  # среднее по батчу
