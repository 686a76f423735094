// What tests need of src/common/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/common/bounded-cache.js";
export * from "../../src/common/decode-text.js";
export * from "../../src/common/errors.js";
export * from "../../src/common/event-loop.js";
export * from "../../src/common/exact-cosine.js";
export * from "../../src/common/exact-math.js";
export * from "../../src/common/options.js";
export * from "../../src/common/random.js";
export * from "../../src/common/show.js";
