// What tests need of src/network/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/network/loss.js";
export * from "../../src/network/memory.js";
export * from "../../src/network/network.js";
export * from "../../src/network/packing.js";
export * from "../../src/network/parameters.js";
export * from "../../src/network/plan.js";
export * from "../../src/network/shape.js";
export * from "../../src/network/shared-step.js";
export * from "../../src/network/tensors.js";
