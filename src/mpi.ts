/**
 * Training by several processes, on one machine or many: import it from `lstm-wasm/mpi`.
 *
 * @module lstm-wasm/mpi
 */

export { MpiError, RankError } from "./distributed/errors.js";
export type { MpiGroup } from "./distributed/group.js";
export { initMpi } from "./distributed/group.js";
export type { MpiOptions } from "./distributed/options.js";
export { MPI_OPTIONS } from "./distributed/options.js";
