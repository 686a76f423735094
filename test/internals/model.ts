// What tests need of src/model/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/model/cell.js";
export * from "../../src/model/dataset.js";
export * from "../../src/model/lstm-cell.js";
export * from "../../src/model/model.js";
export * from "../../src/model/options.js";
