// What tests need of src/convert/: when files move, this is the one place to follow.
export * from "../../src/checkpoint/safetensors/dtypes.js";
export * from "../../src/checkpoint/safetensors/half.js";
export { need } from "../../src/convert/packages.js";
export * from "../../src/convert.js";
