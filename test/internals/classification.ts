// What tests need of src/classification/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/classification/frames.js";
export * from "../../src/classification/scaler.js";
