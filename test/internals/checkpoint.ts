// What tests need of src/checkpoint/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/checkpoint/check.js";
export * from "../../src/checkpoint/checkpoint-error.js";
export * from "../../src/checkpoint/load.js";
export * from "../../src/checkpoint/safetensors/half.js";
export * from "../../src/checkpoint/safetensors/safetensors.js";
export * from "../../src/checkpoint/save.js";
