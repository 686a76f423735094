import { expect, test } from "vitest";
import { type Result, readSpace, reportPage, resultsCsv, SweepState } from "../internals/sweep.js";

const space = readSpace({
  "hidden-size": "8,16",
  "learning-rate": "1e-3:1e-1",
  optimizer: "sgd,adam",
  momentum: "0:0.9",
});
const curves = { epochs: [1, 2], train: [3, 2.5], validation: [3.2, 2.9] };
const results: Result[] = [
  {
    state: "done",
    metric: 2.9,
    epochs: 2,
    trainLoss: 2.5,
    validationLoss: 2.9,
    bestEpoch: 2,
    parameters: 99,
    seconds: 1,
    curves,
  },
  { state: "failed", error: `<script>alert("&")</script>\x1b[2J` },
  { state: "diverged", epochs: 1 },
];
const state = new SweepState(
  {
    trials: [
      { hiddenSize: 8, learningRate: 0.01, optimizer: "sgd", momentum: 0.5 },
      { hiddenSize: 16, learningRate: 0.002, optimizer: "adam" },
      { hiddenSize: 8, learningRate: 0.05, optimizer: "sgd", momentum: 0 },
      { hiddenSize: 16, learningRate: 0.05, optimizer: "sgd", momentum: 0 },
    ],
    rungs: [undefined],
    reductionFactor: 3,
  },
  results.map((result) => [result]),
);
const table = state.table(new Set([3]));

test("the report is one file that loads nothing, with everything escaped", () => {
  const page = reportPage({ space, metric: "validationLoss", table, results: state.all });
  expect(page).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|\son\w+=/i);
  expect(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:/);
  expect(page).toContain("&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;\\u001b[2J");
  expect(page).toContain("Best of 1: trial 1, validationLoss 2.9000 with hidden-size 8, learning-rate 0.01");
  // A curve, and a line through the axes of four options and the measure.
  const [curve, line, ...more] = [...page.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    points!.split(" "),
  );
  expect([curve!.length, line!.length, more.length]).toEqual([2, 5, 0]);
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page).not.toContain("NaN");
});

test("the report has something to say before the first result, and of a single trial", () => {
  const none = new SweepState({ trials: [{ hiddenSize: 8 }], rungs: [undefined], reductionFactor: 3 });
  const page = (state: SweepState) =>
    reportPage({
      space: readSpace({ "hidden-size": "8" }),
      metric: "rmse",
      table: state.table(new Set()),
      results: state.all,
    });
  expect(page(none)).toContain("No trial has a result yet");
  none.add({ trial: 0, rung: 0, values: {}, epochs: undefined }, { ...results[0]!, metric: 5 });
  expect(page(none)).not.toMatch(/NaN|Infinity|undefined/);
});

test("the results are a table without times, the best first", () => {
  expect(resultsCsv(space, "mase", table)).toBe(
    [
      "rank,trial,state,hidden-size,learning-rate,optimizer,momentum,epochs,mase,trainLoss,validationLoss,bestEpoch,parameters",
      "1,1,done,8,0.01,sgd,0.5,2,2.9,2.5,2.9,2,99",
      "2,2,failed,16,0.002,adam,,,,,,,",
      "3,3,diverged,8,0.05,sgd,0,1,,,,,",
      "4,4,running,16,0.05,sgd,0,,,,,,",
      "",
    ].join("\n"),
  );
});

test("of thousands of trials, the report draws the best", () => {
  const trials = Array.from({ length: 1200 }, () => ({ hiddenSize: 8 }));
  const done = trials.map((_, i): Result[] => [{ state: "done", metric: 3 - i / 1000, epochs: 2, curves }]);
  const many = new SweepState({ trials, rungs: [undefined], reductionFactor: 3 }, done);
  const all = { space: readSpace({ "hidden-size": "8" }), metric: "validationLoss", results: many.all };
  const page = reportPage({ ...all, table: many.table(new Set()) });
  expect(page).toContain("The best 1000 are drawn.");
  expect(page.match(/<polyline/g)).toHaveLength(2000);
  expect(page.match(/<tr>/g)).toHaveLength(1201);
});
