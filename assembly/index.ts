// The kernel interface. What each export does and the shapes it takes stand beside it in its own file, and once more,
// as types, in src/kernels/kernels.ts.
export { exp, log, sigmoid, tanh } from "./activations";
export { gatherBackward, gatherForward, gatherScratchBytes } from "./embedding";
export { linearBackward, linearForward } from "./linear";
export { crossEntropy, softmax, squaredError } from "./loss";
export { lstmBackward, lstmForward } from "./lstm";
export { scratchBytes } from "./matmul";
export { adam, clipByValue, rmsprop, sgd, sumOfSquares } from "./optimizer";
export { add, clear } from "./simd";
export { dropout } from "./dropout";
