/** A least-recently-used cache of values that can be recomputed. */
export class BoundedCache<Value> {
  /** Least recently used first. */
  private readonly values = new Map<string, Value>();

  constructor(private readonly limit = 16) {}

  get size(): number {
    return this.values.size;
  }

  /** The value of a key, computed if missing. */
  get(key: string, make: () => Value): Value {
    const { values, limit } = this;
    const value = values.has(key) ? (values.get(key) as Value) : make();
    values.delete(key);
    values.set(key, value);
    if (values.size > limit) values.delete(values.keys().next().value!);
    return value;
  }

  clear(): void {
    this.values.clear();
  }
}
