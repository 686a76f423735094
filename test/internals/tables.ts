// What tests need of src/tables/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/tables/csv.js";
export * from "../../src/tables/dates.js";
export * from "../../src/tables/frequency.js";
export * from "../../src/tables/missing.js";
export * from "../../src/tables/numbers.js";
export * from "../../src/tables/read-csv.js";
export * from "../../src/tables/tsf.js";
