/**
 * Models of other programs in, this library's out: import it from `lstm-wasm/convert`.
 *
 * @module lstm-wasm/convert
 */

export { ConversionError } from "./convert/conversion-error.js";
export type { Beside, ImportOptions } from "./convert/import.js";
export { IMPORT_OPTIONS, importModel } from "./convert/import.js";
export { MissingPackageError } from "./convert/packages.js";
export type { SafetensorsOptions } from "./convert/safetensors.js";
export { SAFETENSORS_OPTIONS, toSafetensors } from "./convert/safetensors.js";
