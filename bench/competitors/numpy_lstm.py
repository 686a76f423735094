"""One layer in NumPy on the case with one long sequence, on one thread. usage: python3 numpy_lstm.py [CASE_JSON MILLISECONDS]

A training step over the whole sequence in float32: forward, cross-entropy, backward, clipping by value, SGD. The four gates are
one product per step, tokens gather rows, and whatever does not depend on the previous step is computed for all steps at once.
"""

import numpy as np
from serve import serve


def prepare(case):
    T, V, H = case["training"]["sequenceLength"], case["vocabularySize"], case["hiddenSize"]
    random = np.random.default_rng(1)

    def uniform(*shape):
        return random.uniform(-(H**-0.5), H**-0.5, shape).astype(np.float32)

    w, u, b, w_out, b_out = parameters = [uniform(V, 4 * H), uniform(H, 4 * H), uniform(4 * H), uniform(H, V), uniform(V)]
    tokens, targets, steps = random.integers(0, V, T), random.integers(0, V, T), np.arange(T)

    def run():
        # Gates in the order i, f, o, g, so that one sigmoid covers three of them.
        gates = w[tokens] + b  # [T, 4H]
        h, c = np.zeros((T + 1, H), np.float32), np.zeros((T + 1, H), np.float32)
        tanh_c = np.empty((T, H), np.float32)
        for t in range(T):
            z = gates[t]
            z += h[t] @ u
            z[: 3 * H] = 1 / (1 + np.exp(-z[: 3 * H]))
            z[3 * H :] = np.tanh(z[3 * H :])
            c[t + 1] = z[H : 2 * H] * c[t] + z[:H] * z[3 * H :]
            tanh_c[t] = np.tanh(c[t + 1])
            h[t + 1] = z[2 * H : 3 * H] * tanh_c[t]

        logits = h[1:] @ w_out + b_out
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        d_logits = p
        d_logits[steps, targets] -= 1
        d_logits /= T
        d_h = d_logits @ w_out.T  # [T, H]

        i, f, o, g = (gates[:, k * H : (k + 1) * H] for k in range(4))
        # The factors of the gradients of h and c, for all steps.
        to_c = o * (1 - tanh_c**2)
        to_gates = np.concatenate([g * i * (1 - i), c[:-1] * f * (1 - f), tanh_c * o * (1 - o), i * (1 - g**2)], 1)
        d_gates = np.empty_like(gates)
        dc, dh_next, u_t = np.zeros(H, np.float32), np.zeros(H, np.float32), np.ascontiguousarray(u.T)
        both = np.empty((4, H), np.float32)
        for t in range(T - 1, -1, -1):
            dh = d_h[t] + dh_next
            dc += dh * to_c[t]
            both[:] = dc
            both[2] = dh
            np.multiply(both.reshape(-1), to_gates[t], out=d_gates[t])
            dc *= f[t]
            dh_next = d_gates[t] @ u_t

        d_w = np.zeros_like(w)
        np.add.at(d_w, tokens, d_gates)
        gradients = [d_w, h[:-1].T @ d_gates, d_gates.sum(0), h[1:].T @ d_logits, d_logits.sum(0)]
        for parameter, gradient in zip(parameters, gradients):
            parameter -= 0.05 * np.clip(gradient, -1, 1)

    return T, run


serve(np.__version__, prepare)
