/** Everything in one file: `lstm-wasm/inline`. */
export * from "./classify.js";
export * from "./forecast.js";
export * from "./index.js";
