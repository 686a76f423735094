/**
 * Ready-made runs, with their texts, and settings to start from: import them from `lstm-wasm/presets`, beside `lstm-wasm`.
 *
 * @module lstm-wasm/presets
 */

export type { Preset, Presets } from "./presets/presets.js";
export { presets } from "./presets/presets.js";
export type { Recipe, Recipes } from "./presets/recipes.js";
export { recipes } from "./presets/recipes.js";
