"""Our own models in onnxruntime, from ONNX. usage: python3 onnxruntime_lstm.py [CASE_JSON MILLISECONDS]

The case names the file. Its outputs are logits. Generation draws tokens by the Gumbel trick, which needs neither softmax nor a
running sum, from noise that is made in advance for a thousand tokens; arrays of NumPy take half the time of onnxruntime's
OrtValues here. Predictions leave the softmax out.
"""

import numpy as np
import onnxruntime
from serve import THREADS, serve


def prepare(case):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    session = onnxruntime.InferenceSession(case["onnx"], options, providers=["CPUExecutionProvider"])
    return prediction(case, session) if "prediction" in case else generation(case, session)


def prediction(case, session):
    B, T = case["batchSize"], case["prediction"]["sequenceLength"]
    tokens = np.random.default_rng(1).integers(0, case["vocabularySize"], (B, T))
    return B * T, lambda: session.run(["output"], {"input": tokens})


def generation(case, session):
    V = case["vocabularySize"]
    random = np.random.default_rng(1)
    zeros = np.zeros((case["layers"], 1, case["hiddenSize"]), np.float32)
    inputs = {"input": np.zeros((1, 1), np.int64), "h0": zeros, "c0": zeros}
    names, noise, drawn = ["output", "hn", "cn"], None, 1000

    def run():
        nonlocal noise, drawn
        if drawn == 1000:
            noise, drawn = random.gumbel(size=(1000, V)).astype(np.float32), 0
        logits, inputs["h0"], inputs["c0"] = session.run(names, inputs)
        inputs["input"][0, 0] = (logits[0, 0] + noise[drawn]).argmax()
        drawn += 1

    return 1, run


serve(onnxruntime.__version__, prepare)
