// What tests need of src/optim/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/optim/adam.js";
export * from "../../src/optim/learning-rate.js";
export * from "../../src/optim/optimizers.js";
export * from "../../src/optim/schedule.js";
