// How far training scales over MPI: measured, or by a model of the network. On the built library.
// usage: node bench/cluster.mjs [--case NAME] [--batch B]            the model, from compute measured here on one thread
//        mpirun -n 2 node bench/cluster.mjs --measure [--case NAME]  tokens/s of so many ranks, and the share of the exchange
// --batch B is the whole batch (default: the case's times the ranks), --shards N its gradient shards, --threads N of each rank,
// --seconds S of each measurement, --latency US and --library FILE of MPI.
import { parseArgs } from "node:util";
import { initMpi } from "../dist/bundle/mpi.js";
import { characters, createModel, train } from "../dist/bundle/node.js";

/** As in bench/cases: sequences, steps, units, layers. */
const CASES = { "char-rnn": [50, 50, 128, 2], wide: [32, 64, 256, 1], large: [64, 64, 512, 2] };
const V = 65;
const RANKS = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const GIGABITS = [1, 10, 100];
/** A batch pays if so much of the time is spent computing. */
const PAYS = 0.9;

const { values } = parseArgs({
  options: {
    measure: { type: "boolean" },
    case: { type: "string", multiple: true },
    batch: { type: "string" },
    threads: { type: "string", default: "1" },
    shards: { type: "string" },
    seconds: { type: "string", default: "3" },
    latency: { type: "string", default: "20" },
    library: { type: "string" },
  },
});
const [threads, seconds, latency] = [Number(values.threads), Number(values.seconds), Number(values.latency) * 1e-6];
const names = values.case ?? Object.keys(CASES);

const vocabulary = characters(Array.from({ length: V }, (_, i) => String.fromCharCode(48 + i)).join(""));

/**
 * Trains for some seconds: the seconds per update, and the share of it that the exchange takes, waiting included. What goes on
 * beside the computation takes none.
 */
async function measure(name, batchSize, group) {
  const [, sequenceLength, hiddenSize, layers] = CASES[name];
  const model = await createModel({ vocabulary, hiddenSize, layers, seed: 1 });
  const tokens = Int32Array.from({ length: batchSize * sequenceLength * 40 + 1 }, (_, i) => (i * i * 31 + i) % V);
  let exchange = 0;
  const timing =
    (action) =>
    (...args) => {
      const start = performance.now();
      const stop = () => (exchange += (performance.now() - start) / 1000);
      const result = action(...args);
      if (result instanceof Promise) return result.finally(stop);
      stop();
      return result;
    };
  const timed = group && {
    ...{ rank: group.rank, size: group.size, localSize: group.localSize },
    collect: (prepare) => group.collect(prepare),
    share: (prepare, train) =>
      group.share(prepare, (run) => {
        const begin = run.exchange.bind(run);
        run.exchange = timing((step) =>
          Object.fromEntries(Object.entries(begin(step)).map(([name, action]) => [name, timing(action)])),
        );
        return train(run);
      }),
  };
  const workers = threads * (group?.size ?? 1);
  const options = {
    ...{ batchSize, sequenceLength, optimizer: "adam", threads, epochs: 1_000_000, progressInterval: 200 },
    // Eight at most by default.
    ...(values.shards ? { gradientShards: Number(values.shards) } : workers > 8 ? { gradientShards: workers } : {}),
  };
  let before;
  for await (const { step, seconds: time } of train(model, tokens, { ...options, processGroup: timed })) {
    // The first updates compile the kernels.
    if (before === undefined && time > 0.3 * seconds) {
      before = { step, time };
      exchange = 0;
    }
    // Rank 0 ends the run for all.
    if (!before || time < before.time + seconds || group?.rank > 0) continue;
    const spent = time - before.time;
    return { perUpdate: spent / (step - before.step), share: exchange / spent, model };
  }
}

const thousands = (number) => Math.round(number).toLocaleString("en");

async function measured() {
  const group = await initMpi({ mpiLibrary: values.library, mpiTimeout: 60 });
  for (const name of names) {
    const batch = Number(values.batch ?? CASES[name][0]);
    let result;
    try {
      result = await measure(name, batch, group);
    } catch (error) {
      // Rank 0 has measured enough.
      if (error.name !== "RankError") throw error;
    }
    if (group.rank > 0) continue;
    const { perUpdate, share } = result;
    const speed = thousands((batch * CASES[name][1]) / perUpdate);
    const ranks = `${group.size} rank${group.size === 1 ? "" : "s"} × ${threads} thread${threads === 1 ? "" : "s"}`;
    console.log(
      `${name}, batch ${batch}, ${ranks}: ${speed} tokens/s, ${(1000 * perUpdate).toFixed(2)} ms an update, ` +
        `${(100 * share).toFixed(1)} % of it in the exchange`,
    );
  }
  await group.end();
}

/**
 * Seconds that an update spends in the network. α is the latency of a message, β the time of a byte. Of P parameters each rank
 * sends (R − 1)/R to the others and receives as much, twice: slices to be added, and their sums. Rank 0 also receives the
 * state of the sequences. The reports, of a few bytes, take log₂ R messages one after another.
 */
function exchangeTime(R, parameterBytes, stateBytes, bytesPerSecond) {
  if (R === 1) return 0;
  const others = (R - 1) / R;
  const messages = Math.log2(R) + 2 * (R - 1);
  return messages * latency + (2 * others * parameterBytes + others * stateBytes) / bytesPerSecond;
}

async function modeled() {
  for (const name of names) {
    const [usual, T, H, layers] = CASES[name];
    const { perUpdate: whole, model } = await measure(name, usual);
    const { perUpdate: half } = await measure(name, usual / 2);
    // An update takes as long however many sequences there are, and so much more for each.
    const each = (whole - half) / (usual / 2);
    const fixed = Math.max(0, whole - each * usual);
    const parameterBytes = 4 * model.parameterCount;
    const fixedBatch = values.batch === undefined ? undefined : Number(values.batch);
    console.log(
      `\n${name}: ${(1e3 * each).toFixed(3)} ms a sequence and ${(1e3 * fixed).toFixed(2)} ms an update, measured on Node ` +
        `${process.versions.node}; ${thousands(parameterBytes / 1000)} kB of gradients; α = ${values.latency} µs\n` +
        `${fixedBatch ? `The batch stays ${fixedBatch}` : `The batch grows: ${usual} sequences a rank`}. Tokens/s, and the share of what as many ranks by themselves would do:\n`,
    );
    console.log(`| ranks | batch | ${GIGABITS.map((gigabits) => `${gigabits} Gbit/s`).join(" | ")} |`);
    console.log(`| ---: | ---: |${" ---: |".repeat(GIGABITS.length)}`);
    for (const R of RANKS) {
      const B = fixedBatch ?? usual * R;
      if (B < R) break;
      const own = Math.ceil(B / R);
      const cells = GIGABITS.map((gigabits) => {
        const state = 4 * B * layers * 2 * H;
        const time = fixed + each * own + exchangeTime(R, parameterBytes, state, (gigabits * 1e9) / 8);
        const ideal = (R * usual) / (fixed + each * usual);
        return `${thousands((B * T) / time)} (${Math.round((100 * (B / time)) / ideal)} %)`;
      });
      console.log(`| ${R} | ${B} | ${cells.join(" | ")} |`);
    }
    const most = (R, gigabits) =>
      sequencesThatPay(R, { each, fixed, parameterBytes, stateBytes: 8 * layers * H, gigabits });
    console.log(`\nSequences a rank with which it computes ${100 * PAYS} % of the time:\n`);
    console.log(`| ranks | ${GIGABITS.map((gigabits) => `${gigabits} Gbit/s`).join(" | ")} |`);
    console.log(`| ---: |${" ---: |".repeat(GIGABITS.length)}`);
    for (const R of RANKS.slice(1))
      console.log(`| ${R} | ${GIGABITS.map((gigabits) => most(R, gigabits)).join(" | ")} |`);
  }
}

/** The fewest sequences a rank with which the exchange takes a tenth of an update; Infinity if the states alone take longer. */
function sequencesThatPay(R, { each, fixed, parameterBytes, stateBytes, gigabits }) {
  const bytesPerSecond = (gigabits * 1e9) / 8;
  const ratio = PAYS / (1 - PAYS);
  const constant = exchangeTime(R, parameterBytes, 0, bytesPerSecond);
  const perSequence = exchangeTime(R, parameterBytes, R * stateBytes, bytesPerSecond) - constant;
  const needed = (ratio * constant - fixed) / (each - ratio * perSequence);
  return each > ratio * perSequence ? thousands(Math.max(1, Math.ceil(needed))) : "none";
}

await (values.measure ? measured() : modeled());
