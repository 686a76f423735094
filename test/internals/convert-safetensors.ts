// Of src/convert/, what runs in pages without the packages of other formats.
export * from "../../src/convert/safetensors.js";
