/** Everything in one file: `lstm-wasm/inline`. */
export * from "./classify.js";
export * from "./forecast.js";
export * from "./index.js";
export * from "./inspect.js";
export * from "./presets.js";
export * from "./stream.js";
export * from "./words.js";
