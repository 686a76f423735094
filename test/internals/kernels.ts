// What tests need of src/kernels/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/kernels/int8.js";
export * from "../../src/kernels/kernels.js";
export * from "../../src/kernels/scratch.js";
export * from "../../src/kernels/select.js";
export * from "../../src/kernels/wasm-builds.js";
