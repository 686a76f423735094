/** How trials get their values. */
export const SAMPLERS = ["grid", "random", "halving"] as const;
/** How trials get their values. */
export type Sampler = (typeof SAMPLERS)[number];
