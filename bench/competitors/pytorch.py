"""The cases in PyTorch. usage: python3 pytorch.py [CASE_JSON MILLISECONDS]

Training: torch.nn.LSTM on one-hot vectors prepared in advance, or on a torch.nn.Embedding, no clipping. Generation: torch.nn.LSTM
in inference mode, the fastest way to step it, with softmax and sampling for every token. Predictions: the same without softmax.
"""

import torch
from serve import THREADS, serve

torch.manual_seed(1)
torch.set_num_threads(THREADS)


def prepare(case):
    if "training" in case:
        return training(case)
    return prediction(case) if "prediction" in case else generation(case)


def network(case):
    lstm = torch.nn.LSTM(case.get("embeddingSize") or case["vocabularySize"], case["hiddenSize"], case["layers"])
    return lstm, torch.nn.Linear(case["hiddenSize"], case["vocabularySize"])


def one_hot(case, *shape):
    return torch.nn.functional.one_hot(torch.randint(case["vocabularySize"], shape), case["vocabularySize"]).float()


def training(case):
    B, T, V = case["batchSize"], case["training"]["sequenceLength"], case["vocabularySize"]
    last = not case["training"]["returnSequences"]
    lstm, linear = network(case)
    has_embedding = case.get("embeddingSize", 0) > 0
    embedding = torch.nn.Embedding(V, case["embeddingSize"]) if has_embedding else torch.nn.Identity()
    parameters = [*embedding.parameters(), *lstm.parameters(), *linear.parameters()]
    adam = case["training"]["optimizer"] == "adam"
    optimizer = torch.optim.Adam(parameters, 2e-3) if adam else torch.optim.SGD(parameters, 2e-3)
    x = torch.randint(V, (T, B)) if has_embedding else one_hot(case, T, B)
    y = torch.randint(V, (B if last else T * B,))

    def run():
        optimizer.zero_grad(set_to_none=True)
        h, _ = lstm(embedding(x))
        logits = linear(h[-1] if last else h.flatten(0, 1))
        torch.nn.functional.cross_entropy(logits, y).backward()
        optimizer.step()

    return B * T, run


def prediction(case):
    B, T = case["batchSize"], case["prediction"]["sequenceLength"]
    lstm, linear = network(case)
    x = one_hot(case, T, B)

    def run():
        with torch.inference_mode():
            linear(lstm(x)[0])

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
