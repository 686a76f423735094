import { describe, expect, test } from "vitest";
import { Random } from "../internals/common.js";
import { type Job, promote, rungsOf, type Score, SweepState } from "../internals/sweep.js";

describe("the rungs of halving", () => {
  test.each([
    [81, 0, 3, 30, [3, 9, 27, 81]],
    [81, 1, 3, 30, [1, 3, 9, 27, 81]],
    [100, 10, 3, 5, [11, 33, 100]],
    [4, 0, 3, 1000, [1, 4]],
    [10, 0, 3, 2, [10]],
    [1, 1, 2, 9, [1]],
  ])("of %i epochs, at least %i, with a factor of %i and %i trials", (epochs, least, factor, trials, rungs) => {
    expect(rungsOf(epochs, least, factor, trials)).toEqual(rungs);
  });

  test("have no fewer epochs than the last", () => {
    expect(() => rungsOf(10, 11, 3, 30)).toThrow("at most 10");
  });
});

/** Runs a schedule by itself: jobs end in an order that the seed says, on as many workers. */
function simulate(seed: number, workers: number, trials: number) {
  const random = new Random(seed);
  const schedule = { trials: Array.from({ length: trials }, () => ({})), rungs: [1, 3, 9, 27], reductionFactor: 3 };
  // Quality does not depend on the order; some diverge.
  const quality = Array.from({ length: trials }, (_, i) => ((i * 7919) % 101) / 101);
  let state = new SweepState(schedule);
  const running: Job[] = [];
  const keys = () => running.map(({ trial, rung }) => `${trial}/${rung}`);
  let done = 0;
  for (;;) {
    for (const job of state.jobs())
      if (running.length < workers && !keys().includes(`${job.trial}/${job.rung}`)) running.push(job);
    if (running.length === 0) return { state, done };
    const [job] = running.splice(Math.floor(random.uniform() * running.length), 1) as [Job];
    const metric = quality[job.trial]! / (job.rung + 1);
    state.add(job, job.trial % 11 === 5 ? { state: "diverged" } : { state: "done", metric, epochs: job.epochs! });
    done++;
    // Killed: all that remains is what the journal has.
    if (random.uniform() < 0.2) {
      state = new SweepState(schedule, structuredClone(state.all));
      running.length = 0;
    }
  }
}

test("halving ends the same way whatever is faster, however many run at once, and wherever it is killed", () => {
  const wanted = simulate(0, 1, 40);
  for (let seed = 1; seed <= 30; seed++) {
    const { state, done } = simulate(seed, 1 + (seed % 7), 40);
    expect(state.table(new Set())).toEqual(wanted.state.table(new Set()));
    expect(done).toBe(wanted.done);
  }
});

test("halving trains about one in three for longer, and the best to the end", () => {
  const { state } = simulate(1, 4, 81);
  const table = state.table(new Set());
  const reached = [1, 3, 9, 27].map((epochs) => table.filter((status) => (status.epochs ?? 0) >= epochs).length);
  expect(reached[1]! / reached[0]!).toBeGreaterThan(0.3);
  expect(reached[1]! / reached[0]!).toBeLessThan(0.55);
  expect(reached[3]).toBeGreaterThanOrEqual(1);
  expect(table[0]!.state).toBe("done");
  expect(table.filter(({ state }) => state === "stopped").length).toBeGreaterThan(40);
  // A trial that has diverged goes no farther, and stands at the end.
  expect(table.slice(-7).every(({ state }) => state === "diverged")).toBe(true);
});

test("a trial of a higher rung comes first", () => {
  const state = new SweepState({ trials: [{}, {}, {}, {}], rungs: [1, 3], reductionFactor: 3 });
  for (const trial of [0, 1, 2])
    state.add({ trial, rung: 0, values: {}, epochs: 1 }, { state: "done", metric: 3 - trial });
  expect(state.jobs().map(({ trial, rung }) => [trial, rung])).toEqual([
    [2, 1],
    [3, 0],
  ]);
});

/** As it is defined: after each trial of a rung, the best of those so far join the next. */
function promoteByDefinition(scores: readonly (readonly (Score | undefined)[])[], rungs: number, factor: number) {
  const members = [scores.map((_, trial) => trial)];
  for (let rung = 0; rung + 1 < rungs; rung++) {
    const joined = new Set<number>();
    const done: { trial: number; metric: number }[] = [];
    for (const [i, trial] of members[rung]!.entries()) {
      const score = scores[trial]![rung];
      if (!score) break;
      done.push({ trial, metric: score.metric ?? Number.POSITIVE_INFINITY });
      const ranked = done.toSorted((a, b) => (a.metric === b.metric ? a.trial - b.trial : a.metric - b.metric));
      for (const { trial, metric } of ranked.slice(0, Math.floor((i + 1) / factor)))
        if (metric < 1 / 0) joined.add(trial);
    }
    members.push([...joined]);
  }
  return members;
}

test("halving promotes as it is defined, ties and trials without a measure included", () => {
  const random = new Random(1);
  for (let round = 0; round < 300; round++) {
    const [factor, trials, rungs] = [2 + (round % 3), 1 + Math.floor(60 * random.uniform()), 4];
    const score = (): Score | undefined =>
      random.uniform() < 0.02
        ? undefined
        : { metric: random.uniform() < 0.1 ? undefined : Math.floor(9 * random.uniform()) };
    const scores = Array.from({ length: trials }, () => Array.from({ length: rungs }, score));
    expect(promote(trials, rungs, factor, (trial, rung) => scores[trial]![rung])).toEqual(
      promoteByDefinition(scores, rungs, factor),
    );
  }
});

test("with ten thousand trials, what is next takes a moment", () => {
  const trials = 10_000;
  const results = Array.from({ length: trials }, (_, i) => [{ state: "done" as const, metric: (i * 7919) % trials }]);
  const schedule = { trials: results.map(() => ({})), rungs: [1, 3, 9, 27], reductionFactor: 3 };
  const state = new SweepState(schedule, results);
  const { user } = process.cpuUsage();
  for (let i = 0; i < 5; i++) expect(state.jobs().length).toBeGreaterThan(trials / 3);
  expect(process.cpuUsage().user - user).toBeLessThan(1e6);
});
