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
    /** Others that are needed then. */
    besides: readonly string[] = [],
  ) {
    const all = [packageName, ...besides];
    const packages = `${all.length > 1 ? "packages" : "package"} ${all.join(" and ")}`;
    super(`${what} needs the ${packages}: npm install ${all.join(" ")}`, options);
  }
}

/**
 * Imports a package.
 *
 * @param load imports it, by a literal name, so that bundlers find it
 * @param besides other packages that will be needed, so that they are named at once
 * @throws MissingPackageError where it is not there
 */
export async function need<Module>(
  name: string,
  what: string,
  load: () => Promise<Module>,
  besides: readonly string[] = [],
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new MissingPackageError(name, what, { cause }, besides);
  }
}
