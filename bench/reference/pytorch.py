"""A training run in PyTorch, to compare losses with: the same text, split, streams, network, optimizer and settings.

usage: python3 bench/reference/pytorch.py TEXT [EPOCHS]

Two layers of 128 on characters, 50 streams, 50 steps, Adam 2e-3, clipping by norm 5, the last tenth of the text held out.
Prints one JSON object per epoch. Its layers have two biases each, ours one, hence 1 024 more parameters. Our command:

    lstm-wasm train --text TEXT --layers 2 --hidden-size 128 --batch-size 50 --sequence-length 50 --learning-rate 2e-3 \
        --clip-norm 5 --validation-fraction 0.1 --epochs 10 --seed 1 --json
"""

import json
import sys
import time
from pathlib import Path

import torch

H, LAYERS, B, T = 128, 2, 50, 50
torch.manual_seed(1)
torch.set_num_threads(1)

text = Path(sys.argv[1]).read_text(encoding="utf-8")
epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
index = {character: i for i, character in enumerate(sorted(set(text)))}
V = len(index)
tokens = torch.tensor([index[character] for character in text])
held = len(tokens) // 10
training, validation = tokens[:-held], tokens[-held:]


def streams(sequence):
    """[steps, B] inputs and targets: stream b is the b-th of B equal pieces."""
    length = (len(sequence) - 1) // B
    return sequence[: length * B].view(B, length).t(), sequence[1 : length * B + 1].view(B, length).t()


lstm, linear = torch.nn.LSTM(V, H, LAYERS), torch.nn.Linear(H, V)
parameters = [*lstm.parameters(), *linear.parameters()]
optimizer = torch.optim.Adam(parameters, lr=2e-3)
loss_function = torch.nn.CrossEntropyLoss()


def chunks(sequence):
    """Each chunk's loss, with the state carried over from the chunk before, and its number of predictions."""
    inputs, targets = streams(sequence)
    state = None
    for start in range(0, len(inputs), T):
        x, y = inputs[start : start + T], targets[start : start + T]
        h, state = lstm(torch.nn.functional.one_hot(x, V).float(), state)
        state = tuple(part.detach() for part in state)
        yield loss_function(linear(h).flatten(0, 1), y.flatten()), y.numel()


for epoch in range(1, epochs + 1):
    began, total, count = time.perf_counter(), 0.0, 0
    for loss, n in chunks(training):
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5)
        optimizer.step()
        total, count = total + loss.item() * n, count + n
    seconds = time.perf_counter() - began
    with torch.no_grad():
        losses = [(loss.item() * n, n) for loss, n in chunks(validation)]
    validation_loss = sum(loss for loss, _ in losses) / sum(n for _, n in losses)
    result = {"epoch": epoch, "trainLoss": total / count, "validationLoss": validation_loss, "tokensPerSecond": count / seconds}
    print(json.dumps(result), flush=True)
