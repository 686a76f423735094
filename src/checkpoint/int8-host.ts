import { INT8_KERNELS_HOST } from "../kernels/int8-host.js";
import { Model } from "../model/model.js";
import { eachElement } from "../network/tensors.js";
import { checkParameters, scalesOf, values32 } from "./parameters.js";

/** What models with int8 weights need from the rest of the library, passed in for the reason of {@link INT8_KERNELS_HOST}. */
export const INT8_HOST = { INT8_KERNELS_HOST, Model, eachElement, checkParameters, scalesOf, values32 };

export type Int8Host = typeof INT8_HOST;
