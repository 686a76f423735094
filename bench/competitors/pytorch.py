"""The cases in PyTorch, on one thread. usage: python3 pytorch.py [CASE_JSON MILLISECONDS]

Training: torch.nn.LSTM on one-hot vectors prepared in advance, no clipping. Generation: torch.nn.LSTM in inference mode, the
fastest way to step it, with softmax and sampling for every token.
"""

import torch
from serve import serve

torch.manual_seed(1)
torch.set_num_threads(1)


def prepare(case):
    return training(case) if "training" in case else generation(case)


def network(case):
    lstm = torch.nn.LSTM(case["vocabularySize"], case["hiddenSize"], case["layers"])
    return lstm, torch.nn.Linear(case["hiddenSize"], case["vocabularySize"])


def training(case):
    B, T, V = case["batchSize"], case["training"]["sequenceLength"], case["vocabularySize"]
    last = not case["training"]["returnSequences"]
    lstm, linear = network(case)
    parameters = [*lstm.parameters(), *linear.parameters()]
    adam = case["training"]["optimizer"] == "adam"
    optimizer = torch.optim.Adam(parameters, 2e-3) if adam else torch.optim.SGD(parameters, 2e-3)
    x = torch.nn.functional.one_hot(torch.randint(V, (T, B)), V).float()
    y = torch.randint(V, (B if last else T * B,))

    def run():
        optimizer.zero_grad(set_to_none=True)
        h, _ = lstm(x)
        logits = linear(h[-1] if last else h.flatten(0, 1))
        torch.nn.functional.cross_entropy(logits, y).backward()
        optimizer.step()

    return B * T, run


def generation(case):
    lstm, linear = network(case)
    one_hot = torch.eye(case["vocabularySize"])
    state, token = None, 0

    def run():
        nonlocal state, token
        with torch.inference_mode():
            h, state = lstm(one_hot[token : token + 1], state)
            token = int(torch.multinomial(torch.softmax(linear(h[0]), 0), 1))

    return 1, run


serve(torch.__version__, prepare)
