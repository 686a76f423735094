/** As much of jsfive as is used: it has no types of its own. */
declare module "jsfive" {
  export interface Five {
    /** Of a group: the names of what is in it. */
    readonly keys?: readonly string[];
    get?(name: string): Five | null;
    readonly attrs: Readonly<Record<string, unknown>>;
    /** Of a dataset. */
    readonly shape?: readonly number[];
    readonly dtype?: unknown;
    readonly value?: ArrayLike<unknown>;
  }

  export const File: new (bytes: ArrayBuffer, name: string) => Five;
}
