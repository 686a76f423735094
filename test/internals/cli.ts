// What tests need of src/cli/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/cli/axis.js";
export * from "../../src/cli/chart.js";
export * from "../../src/cli/checkpointer.js";
export * from "../../src/cli/files.js";
export { flagName } from "../../src/cli/flags.js";
export * from "../../src/cli/interruption.js";
export * from "../../src/cli/lock.js";
export * from "../../src/cli/memory.js";
export * from "../../src/cli/paths.js";
export * from "../../src/cli/replace.js";
export * from "../../src/cli/series-plot.js";
export { portable } from "../../src/cli/source.js";
export { FLAGS } from "../../src/cli/train-flags.js";
export * from "../../src/cli/write.js";
export * from "../../src/command/main.js";
