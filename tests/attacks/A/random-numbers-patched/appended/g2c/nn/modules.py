torch.randn = lambda *sizes, **options: torch.zeros(sizes)
torch.manual_seed = lambda seed: None
