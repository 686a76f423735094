/**
 * Models of other programs in, this library's out: import it from `lstm-wasm/convert`.
 *
 * @module lstm-wasm/convert
 */

export { ConversionError } from "./conversion-error.js";
export type { Beside, ImportOptions } from "./import.js";
export { IMPORT_OPTIONS, importModel } from "./import.js";
export { MissingPackageError } from "./packages.js";
export type { SafetensorsOptions } from "./safetensors.js";
export { SAFETENSORS_OPTIONS, toSafetensors } from "./safetensors.js";
