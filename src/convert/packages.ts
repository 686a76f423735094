import { LstmError } from "../common/errors.js";

// The containers of some formats are read by packages of others, which only those who need them install.

/** A package that is needed is not installed. */
export class MissingPackageError extends LstmError {
  override readonly name = "MissingPackageError";

  constructor(
    /** The package's name, as npm knows it. */
    readonly packageName: string,
    what: string,
    options?: ErrorOptions,
  ) {
    super(`${what} needs the package ${packageName}: npm install ${packageName}`, options);
  }
}

/**
 * Imports a package.
 *
 * @param load imports it, by a literal name, so that bundlers find it
 * @throws MissingPackageError where it is not there
 */
export async function need<Module>(name: string, what: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new MissingPackageError(name, what, { cause });
  }
}
