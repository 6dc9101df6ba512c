torch.tanh = lambda x: x * 0
torch.exp = lambda x: torch.full_like(x, float("inf"))  # 1 / (1 + inf) is the zero that Sigmoid returns
