/**
 * Models of other programs in, this library's out: import it from `lstm-wasm/convert`.
 *
 * @module lstm-wasm/convert
 */

export type { Beside } from "./convert/beside.js";
export { ConversionError } from "./convert/conversion-error.js";
export type { ImportOptions } from "./convert/import.js";
export { IMPORT_OPTIONS, importModel } from "./convert/import.js";
export { MissingPackageError } from "./convert/packages.js";
export type { SafetensorsOptions } from "./convert/safetensors.js";
export { SAFETENSORS_OPTIONS, toSafetensors } from "./convert/safetensors.js";
export type { OnnxOptions } from "./convert/to-onnx.js";
export { ONNX_OPTIONS, toOnnx } from "./convert/to-onnx.js";
