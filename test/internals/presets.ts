// What tests need of src/presets/ besides what a user imports: when files move, this is the one place to follow.
export * from "../../src/presets/hamlet.js";
