/** How trials get their values. */
export type Sampler = "grid" | "random" | "halving";
export const SAMPLERS = ["grid", "random", "halving"] as const satisfies readonly Sampler[];
