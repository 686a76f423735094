import type { Five } from "jsfive";
import { sizeOf } from "../network/tensors.js";
import { ConversionError, saidBy } from "./conversion-error.js";
import { need } from "./packages.js";
import { Room } from "./room.js";

/** How deep groups are followed, and how many there may be: links may go round in circles. */
const DEEPEST = 16;
const MOST_OBJECTS = 20_000;

/** An array of numbers in an HDF5 file. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  /** Its numbers, row-major, rounded to float32. */
  values(): Float32Array;
}

/** What is in an HDF5 file, by path: `model_weights/lstm/kernel`. */
export interface Hdf5 {
  readonly arrays: ReadonlyMap<string, Hdf5Array>;
  /** An attribute of a group; the root's path is empty. */
  attribute(path: string, name: string): unknown;
}

/**
 * Opens an HDF5 file.
 *
 * @param room for its arrays
 * @throws ConversionError for one that is damaged, or has what jsfive does not read
 * @throws MissingPackageError without jsfive
 */
export async function openHdf5(bytes: Uint8Array, room = new Room(bytes.length)): Promise<Hdf5> {
  const { File } = await need("jsfive", "reading HDF5", () => import("jsfive"));
  const groups = new Map<string, Five>();
  const arrays = new Map<string, Hdf5Array>();
  const walk = (object: Five, path: string, depth: number): void => {
    if (depth > DEEPEST)
      throw new ConversionError(path, `groups nested more than ${DEEPEST} deep, or links that go round in circles`);
    if (groups.size + arrays.size >= MOST_OBJECTS)
      throw new ConversionError(path, `more than ${MOST_OBJECTS} groups and arrays, or links that go round in circles`);
    if (object.keys === undefined || object.shape !== undefined) {
      arrays.set(path, arrayOf(object, path, room));
      return;
    }
    groups.set(path, object);
    for (const key of object.keys) {
      const child = object.get!(key);
      if (child) walk(child, path === "" ? key : `${path}/${key}`, depth + 1);
    }
  };
  // Not a Buffer's, which may be shared with other Buffers.
  guarded("the HDF5 file", () => walk(new File(new Uint8Array(bytes).buffer, ""), "", 0));
  return {
    arrays,
    attribute: (path, name) => {
      const group = groups.get(path);
      return group && guarded(path || "the HDF5 file", () => group.attrs[name]);
    },
  };
}

function arrayOf(dataset: Five, path: string, room: Room): Hdf5Array {
  const shape = Array.from(dataset.shape!);
  let isCounted = false;
  return {
    shape,
    values: () =>
      guarded(path, () => {
        const size = sizeOf(shape);
        // jsfive takes room for what the shape claims.
        if (!isCounted) room.take(4 * size, path);
        isCounted = true;
        if (!/^[<>|]?f[248]$/.test(String(dataset.dtype)))
          throw new ConversionError(path, "expected floating-point numbers");
        const values = dataset.value!;
        if (values.length !== size) throw new ConversionError(path, `expected ${size} numbers, got ${values.length}`);
        return Float32Array.from(values as ArrayLike<number>);
      }),
  };
}

/** Runs what jsfive does, which throws texts and whatever comes of a damaged file, and warns by the file's own texts. */
function guarded<Result>(where: string, action: () => Result): Result {
  const { warn } = console;
  console.warn = () => {};
  try {
    return action();
  } catch (error) {
    if (error instanceof ConversionError) throw error;
    throw new ConversionError(where, `it is damaged, or of a kind of HDF5 that cannot be read${saidBy(error)}`);
  } finally {
    console.warn = warn;
  }
}
