/** How well a class is recognized. */
export interface ClassFigures {
  /** The name, for a model with `classes`. */
  readonly name?: string;
  /** The number of targets of this class. */
  readonly support: number;
  /** The fraction of the predictions of this class that are right; 0 if there are none. */
  readonly precision: number;
  /** The fraction of the targets of this class that are predicted; 0 if there are none. */
  readonly recall: number;
}

/** Beyond this many classes, a matrix would be larger than what it tells. */
const MAX_CLASSES = 1000;

/** Counts predictions by target. */
export class ConfusionMatrix {
  /** A row per true class, a column per predicted one, as in scikit-learn. */
  readonly rows: number[][];

  private constructor(size: number) {
    this.rows = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  }

  /** Undefined for too many classes. */
  static of(size: number): ConfusionMatrix | undefined {
    return size <= MAX_CLASSES ? new ConfusionMatrix(size) : undefined;
  }

  add(target: number, predicted: number): void {
    this.rows[target]![predicted]!++;
  }

  figures(names: readonly string[]): ClassFigures[] {
    const { rows } = this;
    const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
    return rows.map((row, i) => {
      const support = row.reduce((a, b) => a + b, 0);
      const predicted = rows.reduce((total, each) => total + each[i]!, 0);
      const name = names[i];
      return {
        ...(name === undefined ? {} : { name }),
        support,
        precision: share(row[i]!, predicted),
        recall: share(row[i]!, support),
      };
    });
  }
}
