import { availableBackends, type Backend } from "../src/index.js";

/**
 * The backends that tests go through: in a page the two builds of the kernels, since plain JavaScript is the same there as
 * in Node, and slow.
 */
export const BACKENDS: readonly Backend[] = availableBackends().filter(
  (backend) => backend !== "javascript" || typeof document === "undefined",
);
