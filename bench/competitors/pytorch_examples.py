"""The cases of examples in PyTorch. usage: python3 pytorch_examples.py packed|padded [CASE_JSON MILLISECONDS]

torch.nn.LSTM on one-hot vectors, a loss at each example's last step, no clipping. `packed` takes torch.nn.utils.rnn's packed
sequences; `padded` computes every step of the longest example of a batch and reads the output at the last step of each. Tensors,
packed sequences included, are prepared in advance. A run is an epoch, and tokens are those of the examples, without padding.
"""

import sys

import torch
from serve import THREADS, serve
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.manual_seed(1)
torch.set_num_threads(THREADS)


def lengths_of(training):
    """As randomExamples in bench/measure/workload.ts."""
    count, shortest = training["examples"]["count"], training["examples"]["shortest"]
    spread = 2 * (training["sequenceLength"] - shortest)
    return [int(shortest + spread * (7 * i % count) / (count - 1) + 0.5) for i in range(count)]


def batch(lengths, V, packed):
    lengths = sorted(lengths, reverse=True)
    one_hot = [torch.nn.functional.one_hot(torch.randint(V, (T,)), V).float() for T in lengths]
    x = pad_sequence(one_hot)
    last = torch.tensor(lengths) - 1
    return pack_padded_sequence(x, lengths) if packed else x, last, torch.randint(V, (len(lengths),))


def prepare_as(packed):
    def prepare(case):
        B, V, H = case["batchSize"], case["vocabularySize"], case["hiddenSize"]
        lengths = lengths_of(case["training"])
        batches = [batch(lengths[i : i + B], V, packed) for i in range(0, len(lengths), B)]
        lstm, linear = torch.nn.LSTM(V, H, case["layers"]), torch.nn.Linear(H, V)
        optimizer = torch.optim.Adam([*lstm.parameters(), *linear.parameters()], 2e-3)

        def run():
            for x, last, y in batches:
                optimizer.zero_grad(set_to_none=True)
                outputs, (h, _) = lstm(x)
                features = h[-1] if packed else outputs[last, torch.arange(len(last))]
                torch.nn.functional.cross_entropy(linear(features), y).backward()
                optimizer.step()

        return sum(lengths), run

    return prepare


serve(torch.__version__, prepare_as(sys.argv[1] == "packed"), sys.argv[2:])
