// What tests need of src/engine/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/engine/backward.js";
export * from "../../src/engine/engine.js";
export * from "../../src/engine/forward.js";
export * from "../../src/engine/held-weights.js";
export * from "../../src/engine/mailbox.js";
export * from "../../src/engine/packed-weights.js";
export * from "../../src/engine/step-team.js";
export * from "../../src/engine/thread-count.js";
export * from "../../src/engine/threads.js";
export * from "../../src/engine/training-memory.js";
export * from "../../src/engine/worker-pool.js";
