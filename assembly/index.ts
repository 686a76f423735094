// The kernel interface. What each export does and the shapes it takes stand beside it in its own file, and once more,
// as types, in src/kernels/kernels.ts; test/kernels/abi.node.test.ts compares them.

/** KERNEL_ABI of src/kernels/kernels.ts. In the name, since a module's names can be read before it is instantiated. */
export const abi_1: bool = true;

export { exp, log, sigmoid, tanh } from "./activations";
export { gatherBackward, gatherForward } from "./embedding";
export { linearBackward, linearColumns, linearForward, linearForwardPacked } from "./linear";
export { crossEntropy, pinball, softmax, squaredError } from "./loss";
export { cellForward, lstmBackward, lstmForward, lstmStepPacked } from "./lstm";
export { packWeights } from "./matmul";
export { adam, clipByValue, rmsprop, sgd, sumOfSquares } from "./optimizer";
export { add, clear, copyRows } from "./simd";
export { dropout } from "./dropout";
