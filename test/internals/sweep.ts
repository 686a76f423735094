// What tests need of src/sweep/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/sweep/arrivals.js";
export * from "../../src/sweep/data-files.js";
export * from "../../src/sweep/draw.js";
export * from "../../src/sweep/job.js";
export { wasStopped } from "../../src/sweep/local-runner.js";
export * from "../../src/sweep/options.js";
export * from "../../src/sweep/plan.js";
export * from "../../src/sweep/queue/task.js";
export * from "../../src/sweep/report/page.js";
export * from "../../src/sweep/results-table.js";
export * from "../../src/sweep/rungs.js";
export * from "../../src/sweep/space.js";
export * from "../../src/sweep/state.js";
export * from "../../src/sweep/train-command.js";
