"""Reads networks and batches as JSON (networks.ts, Case), and writes what PyTorch makes of them in float64: for each
{"outputs": [steps, B, V], "gradients": {name: ...}}, the gradients of the loss summed over all predictions.

Needs torch. `npm run campaign` starts it with the Python that the environment variable PYTHON names.
"""

import json
import sys

import torch

torch.set_num_threads(1)


def compute(case):
    T, B, I, H, V, E = (case[key] for key in "TBIHVE")
    tensors = {
        name: torch.tensor(parameter["data"], dtype=torch.float64).reshape(parameter["shape"]).requires_grad_()
        for name, parameter in case["parameters"].items()
    }
    if I > 0:
        x = torch.tensor(case["inputs"], dtype=torch.float64).reshape(T, B, I)
    else:
        tokens = torch.tensor(case["inputs"]).reshape(T, B)
        x = tensors["embedding.weight"][tokens] if E > 0 else torch.nn.functional.one_hot(tokens, V).double()
    lstm = torch.nn.LSTM(x.shape[2], H, case["layers"]).double()
    # PyTorch has a second bias, which is 0 here.
    weights = {name.removeprefix("lstm."): tensor for name, tensor in tensors.items() if name.startswith("lstm.")}
    for layer in range(case["layers"]):
        weights[f"bias_hh_l{layer}"] = torch.zeros(4 * H, dtype=torch.float64)
    h, _ = torch.func.functional_call(lstm, weights, (x,))
    if not case["returnSequences"]:
        h = h[-1:]
    y = h @ tensors["linear.weight"].T + tensors["linear.bias"]
    if case["loss"] == "cross-entropy":
        targets = torch.tensor(case["targets"])
        loss = torch.nn.functional.cross_entropy(y.reshape(-1, V), targets, reduction="sum")
    else:
        targets = torch.tensor(case["targets"], dtype=torch.float64).reshape(y.shape)
        if case["loss"] == "huber":
            loss = torch.nn.functional.huber_loss(y, targets, reduction="sum", delta=case["delta"]) / V
        else:
            loss = torch.nn.functional.mse_loss(y, targets, reduction="sum") / V
    loss.backward()
    return {
        "outputs": y.detach().flatten().tolist(),
        "gradients": {name: tensor.grad.flatten().tolist() for name, tensor in tensors.items()},
    }


json.dump([compute(case) for case in json.load(sys.stdin)], sys.stdout)
