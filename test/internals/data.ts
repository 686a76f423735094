// What tests need of src/data/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/data/batches.js";
export * from "../../src/data/example-batches.js";
export * from "../../src/data/examples.js";
export * from "../../src/data/token-windows.js";
export * from "../../src/data/vocabulary.js";
export * from "../../src/data/vocabulary-from.js";
export * from "../../src/data/words.js";
