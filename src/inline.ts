/** Everything in one file: `lstm-wasm/inline`. */
export * from "./forecast.js";
export * from "./index.js";
