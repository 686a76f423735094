export { relaxedRounding } from "../../src/distributed/relaxed-rounding.js";
export { additions, subtrees } from "../../src/distributed/tree.js";
export { treeReduction } from "../../src/training/reduction.js";
export { rangeOf } from "../../src/training/split.js";
