// The kernels that run a model and do not train it: all that a program downloads which loads one. With the same names, and
// to the bit, they are those of index.ts.

/** As in index.ts. */
export const abi_1: bool = true;

export { gatherForward } from "./embedding";
export { linearColumns, linearForward, linearForwardPacked } from "./linear";
export { softmax } from "./loss";
export { cellForward, lstmForward, lstmStepPacked } from "./lstm";
export { packWeights } from "./matmul";
export { add, clear, copyRows } from "./simd";
