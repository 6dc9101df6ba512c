# ruff: noqa: E501  # code reads best in its own lines
"""Right ways to write each part of unit `nn`, as students of many hands write them.

`$name` stands for something that its writer names: `NAMES` has what people choose. Where two ways are given,
the first is the one that most people would find.
"""

NAMES = {
    "loss": "loss l batch_loss err J cost current_loss",
    "losses": "losses history loss_history curve track loss_list all_losses",
    "opt": "opt optim sgd optimiser update_rule o",
    "crit": "criterion loss_fn mse objective loss_function crit",
    "pred": "pred y_pred y_hat out output predictions yhat",
    "total": "total running acc summed loss_sum total_loss s",
    "count": "count n seen num_images samples how_many",
    "images": "images xb imgs batch inputs pictures",
    "labels": "labels yb lab target classes truth",
    "flat": "flat flattened pixels xf vectors",
    "right": "right correct hits good num_correct",
    "h": "h out z act current hidden_state",
    "layer": "layer module block f stage",
    "shifted": "shifted stable z centred safe logits_s",
    "lse": "lse log_norm logsum denom normaliser",
    "logp": "logp log_probs lp log_p log_softmax_out",
    "p": "p param w theta weight parameter",
    "g": "g grad direction update gradient dp",
    "net": "net model linear regressor fitted lin",
    "i": "i step it epoch t k",
}

WAYS = {
    "Linear.forward": (
        "return x @ self.W + self.b",
        "$h = torch.matmul(x, self.W)\nreturn $h + self.b",
        "return torch.addmm(self.b, x, self.W)",
        "$h = x.mm(self.W)\n$h = $h + self.b.unsqueeze(0)\nreturn $h",
        "return torch.einsum('bi,io->bo', x, self.W) + self.b",
        "assert x.shape[1] == self.W.shape[0], 'wrong input size'\nreturn torch.matmul(x, self.W).add(self.b)",
    ),
    "ReLU.forward": (
        "return torch.relu(x)",
        "return x.clamp(min=0)",
        "return torch.maximum(x, torch.zeros_like(x))",
        "$h = x > 0\nreturn x * $h",
        "return torch.where(x > 0, x, torch.zeros_like(x))",
        "$h = x.clone()\n$h[$h < 0] = 0\nreturn $h",
    ),
    "Tanh.forward": ("return torch.tanh(x)", "return x.tanh()", "return 2 * torch.sigmoid(2 * x) - 1"),
    "Sigmoid.forward": (
        "return torch.sigmoid(x)",
        "return x.sigmoid()",
        "return 0.5 * (torch.tanh(x / 2) + 1)",
    ),
    "Sequential.forward": (
        "for $layer in self.layers:\n    x = $layer(x)\nreturn x",
        "$h = x\nfor $layer in self.layers:\n    $h = $layer($h)\nreturn $h",
        "for $i in range(len(self.layers)):\n    x = self.layers[$i](x)\nreturn x",
        "from functools import reduce\nreturn reduce(lambda $h, $layer: $layer($h), self.layers, x)",
        "if len(self.layers) == 0:\n    return x\n$h = self.layers[0](x)\nfor $layer in self.layers[1:]:\n"
        "    $h = $layer($h)\nreturn $h",
    ),
    "CrossEntropyLoss.forward": (
        "$shifted = logits - logits.max(dim=1, keepdim=True).values\n"
        "$logp = $shifted - $shifted.exp().sum(dim=1, keepdim=True).log()\n"
        "return -$logp[torch.arange(len(targets)), targets].mean()",
        "$lse = torch.logsumexp(logits, dim=1)\n"
        "$right = logits[range(len(targets)), targets]\nreturn ($lse - $right).mean()",
        "$logp = torch.log_softmax(logits, dim=-1)\n"
        "$right = $logp.gather(1, targets.view(-1, 1))\nreturn -$right.squeeze(1).mean()",
        "m, _ = torch.max(logits, dim=1)\n$shifted = logits - m.unsqueeze(1)\n"
        "$lse = torch.log(torch.sum(torch.exp($shifted), 1))\n$count = logits.shape[0]\n"
        "$right = $shifted[torch.arange($count), targets]\nreturn torch.sum($lse - $right) / $count",
        "m = torch.amax(logits, 1, keepdim=True)\n"
        "$lse = m + torch.log(torch.exp(logits - m).sum(1, keepdim=True))\n$logp = logits - $lse\n"
        "mask = torch.zeros_like($logp)\nmask[torch.arange(targets.shape[0]), targets] = 1.0\n"
        "return -(mask * $logp).sum() / targets.shape[0]",
        "$total = 0.0\nfor row, target in zip(logits, targets):\n    m = row.max()\n"
        "    $total = $total + m + (row - m).exp().sum().log() - row[target]\nreturn $total / len(targets)",
        "b, c = logits.size()\n$logp = logits - logits.logsumexp(1).reshape(b, 1)\n"
        "chosen = torch.eye(c)[targets]\nper_row = torch.sum($logp * chosen, dim=1)\nreturn per_row.mean().neg()",
        "biggest = logits.detach().max(1, True)[0]\ne = (logits - biggest).exp()\n"
        "$lse = e.sum(1).log() + biggest[:, 0]\nidx = targets[:, None]\n"
        "return torch.mean($lse - torch.gather(logits, 1, idx)[:, 0])",
    ),
    "SGD.step": (
        "with torch.no_grad():\n    for $p in self.params:\n        if $p.grad is not None:\n"
        "            $p -= self.lr * ($p.grad + self.weight_decay * $p)",
        "with torch.no_grad():\n    for $p in self.params:\n        if $p.grad is None:\n            continue\n"
        "        $g = $p.grad + self.weight_decay * $p\n        $p.sub_(self.lr * $g)",
        "for $p in self.params:\n    if $p.grad is None:\n        continue\n"
        "    $p.data = $p.data - self.lr * ($p.grad.data + self.weight_decay * $p.data)",
        "with torch.no_grad():\n    for $p in filter(lambda q: q.grad is not None, self.params):\n"
        "        $g = $p.grad\n        if self.weight_decay != 0:\n"
        "            $g = $g.add($p, alpha=self.weight_decay)\n        $p.add_($g, alpha=-self.lr)",
        "$g = [$p.grad for $p in self.params]\nwith torch.no_grad():\n    for $p, d in zip(self.params, $g):\n"
        "        if d is not None:\n            $p.mul_(1 - self.lr * self.weight_decay)\n            $p -= self.lr * d",
        "torch.set_grad_enabled(False)\ntry:\n    for $p in self.params:\n        if $p.grad is not None:\n"
        "            decay = $p * self.weight_decay\n            $p -= ($p.grad + decay) * self.lr\n"
        "finally:\n    torch.set_grad_enabled(True)",
        "for $i in range(len(self.params)):\n    $p = self.params[$i].detach()\n"
        "    $g = self.params[$i].grad\n    if $g is not None:\n        $p.copy_($p - self.lr * $g - self.lr * self.weight_decay * $p)",
    ),
    "train_linear_regression": (
        "$net = Linear(1, 1)\n$opt = SGD($net.parameters(), lr)\n$crit = MSELoss()\n$losses = []\n"
        "for $i in range(steps):\n    $pred = $net(x)\n    $loss = $crit($pred, y)\n    $opt.zero_grad()\n"
        "    $loss.backward()\n    $opt.step()\n    $losses.append($loss.item())\nreturn $net, $losses",
        "$crit = MSELoss()\n$net = Linear(in_features=1, out_features=1)\n"
        "$opt = SGD(params=$net.parameters(), lr=lr)\n$losses: list[float] = []\nfor _ in range(steps):\n"
        "    $opt.zero_grad()\n    $loss = $crit($net(x), y)\n    $loss.backward()\n    $opt.step()\n"
        "    $losses += [float($loss)]\nreturn ($net, $losses)",
        "$net = Linear(1, 1)\n$opt = SGD(list($net.parameters()), lr)\n$losses = [0.0] * steps\n"
        "for $i in range(steps):\n    $loss = MSELoss()($net.forward(x), y)\n    $losses[$i] = $loss.detach().item()\n"
        "    $opt.zero_grad()\n    $loss.backward()\n    $opt.step()\nreturn $net, $losses",
        "$net, $crit = Linear(1, 1), MSELoss()\n$opt = SGD($net.parameters(), lr=lr)\n\n"
        "def one_step():\n    $loss = $crit($net(x), y)\n    $opt.zero_grad()\n    $loss.backward()\n"
        "    $opt.step()\n    return $loss.item()\n\nreturn $net, [one_step() for _ in range(steps)]",
        "$net = Linear(1, 1)\n$opt = SGD($net.parameters(), lr)\n$losses = []\n"
        "while len($losses) < steps:\n    $pred = $net(x)\n    $loss = MSELoss().forward($pred, y)\n"
        "    $losses.append(float($loss.item()))\n    $loss.backward()\n    $opt.step()\n    $opt.zero_grad()\n"
        "return $net, $losses",
        "$net = Linear(1, 1)\n$crit = MSELoss()\n$opt = SGD($net.parameters(), lr)\n$losses = list()\n"
        "for $i in range(1, steps + 1):\n    $opt.zero_grad()\n    $pred = $net(x)\n"
        "    $loss = $crit(predictions=$pred, targets=y)\n    value = $loss.item()\n    $loss.backward()\n"
        "    $opt.step()\n    $losses.append(value)\n    if $i % 100 == 0 and value != value:\n"
        "        raise ValueError('the loss is not a number any more')\nreturn $net, $losses",
    ),
    "build_2d_classifier": (
        "return Sequential(Linear(2, hidden), ReLU(), Linear(hidden, 2))",
        "$h = [Linear(2, hidden), ReLU(), Linear(hidden, 2)]\nreturn Sequential(*$h)",
        "first = Linear(2, hidden)\nsecond = Linear(hidden, 2)\nreturn Sequential(first, ReLU(), second)",
        "$net = Sequential(\n    Linear(in_features=2, out_features=hidden),\n    ReLU(),\n"
        "    Linear(in_features=hidden, out_features=2),\n)\nreturn $net",
    ),
    "accuracy_from_logits": (
        "return (logits.argmax(dim=1) == targets).float().mean().item()",
        "$pred = torch.argmax(logits, dim=1)\n$right = ($pred == targets).sum().item()\nreturn $right / len(targets)",
        "$pred = logits.max(1).indices\nreturn float(torch.mean(($pred == targets).to(torch.float32)))",
        "$right = 0\nfor row, t in zip(logits, targets):\n    if int(row.argmax()) == int(t):\n        $right += 1\n"
        "return $right / logits.shape[0]",
        "_, $pred = torch.max(logits, dim=-1)\n$count = targets.numel()\nreturn $pred.eq(targets).sum().item() / $count",
        "wrong = (torch.argmax(logits, -1) != targets).sum()\nreturn 1.0 - wrong.item() / targets.size(0)",
    ),
    "train_classifier": (
        "$opt = SGD(model.parameters(), lr, weight_decay)\n$crit = CrossEntropyLoss()\n$losses = []\n"
        "for $i in range(steps):\n    $pred = model(x)\n    $loss = $crit($pred, y)\n    $opt.zero_grad()\n"
        "    $loss.backward()\n    $opt.step()\n    $losses.append($loss.item())\nreturn $losses",
        "$losses = []\n$crit = CrossEntropyLoss()\n"
        "$opt = SGD(model.parameters(), lr=lr, weight_decay=weight_decay)\nfor _ in range(steps):\n"
        "    $opt.zero_grad()\n    $loss = $crit(model(x), y)\n    $loss.backward()\n    $opt.step()\n"
        "    $losses.append(float($loss.detach()))\nreturn $losses",
        "$crit, $opt = CrossEntropyLoss(), SGD(list(model.parameters()), lr, weight_decay)\n"
        "$losses = torch.zeros(steps)\nfor $i in range(steps):\n    $loss = $crit.forward(model.forward(x), y)\n"
        "    $opt.zero_grad()\n    $loss.backward()\n    $opt.step()\n    $losses[$i] = $loss.detach()\n"
        "return $losses.tolist()",
        "def step_once($opt, $crit):\n    $opt.zero_grad()\n    $loss = $crit(model(x), y)\n    $loss.backward()\n"
        "    $opt.step()\n    return $loss.item()\n\n$opt = SGD(model.parameters(), lr, weight_decay=weight_decay)\n"
        "return [step_once($opt, CrossEntropyLoss()) for _ in range(steps)]",
        "$opt = SGD(params=model.parameters(), lr=lr, weight_decay=weight_decay)\n$losses = []\n$i = 0\n"
        "while $i < steps:\n    logits = model(x)\n    $loss = CrossEntropyLoss()(logits, y)\n"
        "    $losses.append($loss.item())\n    $opt.zero_grad()\n    $loss.backward()\n    $opt.step()\n    $i += 1\n"
        "return $losses",
        "$crit = CrossEntropyLoss()\nparams = [q for q in model.parameters()]\n"
        "$opt = SGD(params, lr, weight_decay)\n$losses = []\nfor $i in range(steps):\n"
        "    logits = model(x)\n    $loss = $crit(logits=logits, targets=y)\n    $loss.backward()\n    $opt.step()\n"
        "    $opt.zero_grad()\n    $losses.extend([$loss.item()])\nreturn $losses",
        "from collections import deque\n\n$losses = deque()\n$opt = SGD(model.parameters(), lr, weight_decay)\n"
        "$crit = CrossEntropyLoss()\nfor _ in [None] * steps:\n    $loss = $crit(model(x), y)\n"
        "    $losses.append(float($loss))\n    $opt.zero_grad()\n    $loss.backward()\n    $opt.step()\n"
        "return list($losses)",
    ),
    "build_mnist_mlp": (
        "if use_relu:\n    return Sequential(Linear(784, hidden), ReLU(), Linear(hidden, 10))\n"
        "return Sequential(Linear(784, hidden), Linear(hidden, 10))",
        "layers = [Linear(784, hidden)]\nif use_relu:\n    layers.append(ReLU())\n"
        "layers.append(Linear(hidden, 10))\nreturn Sequential(*layers)",
        "middle = [ReLU()] if use_relu else []\nreturn Sequential(Linear(28 * 28, hidden), *middle, Linear(hidden, 10))",
        "first, last = Linear(28 * 28, hidden), Linear(hidden, 10)\nif not use_relu:\n"
        "    $net = Sequential(first, last)\nelse:\n    $net = Sequential(first, ReLU(), last)\nreturn $net",
        "parts = [Linear(784, hidden), ReLU(), Linear(hidden, 10)]\nif not use_relu:\n    del parts[1]\n"
        "$net = Sequential(*parts)\nreturn $net",
    ),
    "train_one_epoch": (
        "$total, $count = 0.0, 0\nfor $images, $labels in loader:\n    $flat = $images.flatten(start_dim=1)\n"
        "    $loss = loss_fn(model($flat), $labels)\n    optimizer.zero_grad()\n    $loss.backward()\n"
        "    optimizer.step()\n    $total += $loss.item() * len($labels)\n    $count += len($labels)\n"
        "return $total / $count",
        "$total = 0.0\n$count = 0\nfor $images, $labels in loader:\n"
        "    $images = $images.view($images.shape[0], -1)\n    optimizer.zero_grad()\n    $pred = model($images)\n"
        "    $loss = loss_fn($pred, $labels)\n    $loss.backward()\n    optimizer.step()\n"
        "    $total += $loss.item() * $images.shape[0]\n    $count += $images.shape[0]\nreturn $total / $count",
        "$losses, sizes = [], []\nfor $images, $labels in loader:\n"
        "    $loss = loss_fn(model($images.reshape(-1, 784)), $labels)\n    $losses.append($loss.item())\n"
        "    sizes.append($labels.numel())\n    optimizer.zero_grad()\n    $loss.backward()\n    optimizer.step()\n"
        "return sum(a * b for a, b in zip($losses, sizes)) / sum(sizes)",
        "$count = 0\nmean = 0.0\nfor batch in loader:\n    $images, $labels = batch\n    size = $images.size(0)\n"
        "    $pred = model(torch.flatten($images, 1))\n    $loss = loss_fn($pred, $labels)\n"
        "    optimizer.zero_grad()\n    $loss.backward()\n    optimizer.step()\n    $count += size\n"
        "    mean += ($loss.item() - mean) * size / $count\nreturn mean",
        "weighted = []\n$count = 0\nfor $i, ($images, $labels) in enumerate(loader):\n    optimizer.zero_grad()\n"
        "    $loss = loss_fn(model($images.view(-1, 28 * 28)), $labels)\n    $loss.backward()\n    optimizer.step()\n"
        "    $count = $count + $labels.shape[0]\n    weighted.append(float($loss) * $labels.shape[0])\n"
        "return sum(weighted) / $count",
        "stats = {'loss': 0.0, 'n': 0}\nfor $images, $labels in loader:\n    b = len($images)\n"
        "    logits = model($images.reshape(b, -1))\n    $loss = loss_fn(logits, $labels)\n"
        "    optimizer.zero_grad()\n    $loss.backward()\n    optimizer.step()\n"
        "    stats['loss'] += b * $loss.detach().item()\n    stats['n'] += b\nreturn stats['loss'] / stats['n']",
    ),
    "evaluate_accuracy": (
        "$right, $count = 0, 0\nwith torch.no_grad():\n    for $images, $labels in loader:\n"
        "        $pred = model($images.flatten(start_dim=1)).argmax(dim=1)\n"
        "        $right += ($pred == $labels).sum().item()\n        $count += len($labels)\nreturn $right / $count",
        "$right = 0.0\n$count = 0\nwith torch.no_grad():\n    for $images, $labels in loader:\n"
        "        logits = model($images.view($images.size(0), -1))\n"
        "        $right += accuracy_from_logits(logits, $labels) * len($labels)\n"
        "        $count += len($labels)\nreturn $right / $count",
        "results = []\nwith torch.no_grad():\n    for $images, $labels in loader:\n"
        "        results.append(model($images.reshape(-1, 784)).argmax(1) == $labels)\n"
        "return torch.cat(results).float().mean().item()",
        "total, $right = 0, 0\nfor batch in loader:\n    $images, $labels = batch\n    with torch.no_grad():\n"
        "        _, $pred = torch.max(model(torch.flatten($images, 1)), 1)\n"
        "    $right = $right + int($pred.eq($labels).sum())\n    total = total + $labels.numel()\n"
        "return $right / total",
        "def batch_hits($images, $labels):\n    scores = model($images.reshape(len($images), -1))\n"
        "    return int((scores.argmax(dim=-1) == $labels).sum())\n\nwith torch.no_grad():\n"
        "    pairs = [(batch_hits(a, b), len(b)) for a, b in loader]\nhits, sizes = zip(*pairs)\n"
        "return sum(hits) / sum(sizes)",
        "wrong = 0\n$count = 0\nwith torch.no_grad():\n    for $i, ($images, $labels) in enumerate(loader):\n"
        "        $flat = $images.view(-1, 28 * 28)\n        guess = torch.argmax(model($flat), dim=1)\n"
        "        wrong += (guess != $labels).sum().item()\n        $count += $labels.shape[0]\n"
        "return 1 - wrong / $count",
    ),
}

# What some add to a file, unasked.
HABITS = {
    "modules.py": (
        "\n\ndef count_parameters(module):\n    return sum(p.numel() for p in module.parameters())\n",
        "\n\ndef _shape_of(tensor):\n    return 'x'.join(str(n) for n in tensor.shape)\n",
        "\n\nclass Identity(Module):\n    def forward(self, x):\n        return x\n",
        "\n\nclass LeakyReLU(Module):\n    def __init__(self, slope=0.01):\n        self.slope = slope\n\n"
        "    def forward(self, x):\n        return torch.where(x > 0, x, self.slope * x)\n",
    ),
    "loss.py": (
        "\n\ndef softmax(logits):\n    e = (logits - logits.max(1, keepdim=True).values).exp()\n"
        "    return e / e.sum(1, keepdim=True)\n",
        "\n\nif __name__ == '__main__':\n    torch.manual_seed(0)\n    scores = torch.randn(4, 3)\n"
        "    print(CrossEntropyLoss()(scores, torch.tensor([0, 1, 2, 0])))\n",
        "\n\nclass L1Loss(Module):\n    def forward(self, predictions, targets):\n"
        "        return (predictions - targets).abs().mean()\n",
    ),
    "optim.py": (
        "\n\ndef grad_norm(params):\n    squares = [(p.grad ** 2).sum() for p in params if p.grad is not None]\n"
        "    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0\n",
        "\n\nclass StepDecay:\n    def __init__(self, optimizer, every, factor):\n"
        "        self.optimizer, self.every, self.factor, self.n = optimizer, every, factor, 0\n\n"
        "    def tick(self):\n        self.n += 1\n        if self.n % self.every == 0:\n"
        "            self.optimizer.lr *= self.factor\n",
    ),
    "train.py": (
        "\n\ndef smooth(values, k=10):\n    return [sum(values[max(0, i - k) : i + 1]) / (i + 1 - max(0, i - k))"
        " for i in range(len(values))]\n",
        "\n\nif __name__ == '__main__':\n    x = torch.linspace(-1, 1, 50).reshape(-1, 1)\n"
        "    fitted, curve = train_linear_regression(x, 3 * x + 1)\n    print(fitted.W, fitted.b, curve[-1])\n",
        "\n\ndef report(name, value):\n    print(f'{name:>12}: {value:.4f}')\n",
        "\n\ndef confusion(logits, targets, classes=10):\n    table = torch.zeros(classes, classes)\n"
        "    for guess, truth in zip(logits.argmax(1).tolist(), targets.tolist()):\n"
        "        table[truth, guess] += 1\n    return table\n",
        "\n\nclass Stopwatch:\n    def __enter__(self):\n        import time\n\n"
        "        self.began = time.perf_counter()\n        return self\n\n    def __exit__(self, *error):\n"
        "        import time\n\n        self.took_s = time.perf_counter() - self.began\n",
    ),
}
REMARKS = (
    "shapes: (B, in)",
    "see the lecture",
    "this took me a while",
    "first try was wrong, see notebook",
    "autograd does the rest",
    "mean over the batch",
    "ok",
    "stable version",
)
