// What tests need of src/platform/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/platform/platform.js";
