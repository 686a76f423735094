import { OptionError } from "../common/errors.js";
import { number, type OptionsOf, other } from "../common/options.js";

/** Options of {@link initMpi}. */
export const MPI_OPTIONS = {
  /** The file of the MPI library. Default: that of the `mpiexec` on the PATH, or one that the system finds. */
  mpiLibrary: other<string | undefined>((option, value) => {
    if (typeof value === "string" && value !== "") return value;
    throw new OptionError(option, "a file", value);
  }),
  /** Seconds after which a rank that does not answer counts as missing: longer than any step takes. */
  mpiTimeout: number({ default: 300, min: 0.1, max: 2_000_000 }),
};

/** Options of {@link initMpi}. */
export interface MpiOptions extends OptionsOf<typeof MPI_OPTIONS> {}
