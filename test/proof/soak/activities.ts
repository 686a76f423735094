import { openAsBlob, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createForecaster, forecast, prepareSeries } from "#lstm/forecast.js";
import {
  characters,
  createModel,
  evaluate,
  generateSamples,
  load,
  type Model,
  predictBatch,
  saveChunks,
  type Training,
  train,
} from "#lstm/index.js";
import { presets } from "#lstm/presets.js";
import { createStream } from "#lstm/stream.js";

// What a program does with the library in a day, a little at a time.

const { text } = presets.hamlet;
const vocabulary = characters(text);
/** Updates of the run that goes on all the time, in each round. */
const UPDATES = 20;
/** Steps of a stream in each round. */
const STEPS = 200;

/** The activities of a process that never ends. */
export class Activities {
  /** Steps of training and of streams so far. */
  steps = 0;
  private readonly run: Training;

  private constructor(
    private readonly folder: string,
    private readonly model: Model<"tokens">,
  ) {
    // Without held-out data, a file has the latest parameters.
    const options = { batchSize: 8, sequenceLength: 25, dropout: 0.1, threads: 1 };
    this.run = train(model, text, { ...options, epochs: 1e9, progressInterval: 0 });
  }

  static async begin(folder: string): Promise<Activities> {
    return new Activities(folder, await createModel({ vocabulary, hiddenSize: 32, layers: 2 }));
  }

  /** Does each of them once. */
  async round(number: number): Promise<void> {
    await this.train();
    await this.streams();
    await this.texts();
    await this.files(number);
    await this.workers(number);
    await this.series(number);
  }

  async end(): Promise<void> {
    await this.run.return?.(undefined);
    this.model.free();
  }

  private async train(): Promise<void> {
    for (let i = 0; i < UPDATES; i++) {
      const { done } = await this.run.next();
      if (done) throw new Error("the run has ended");
      this.steps++;
    }
  }

  /** Streams of which one is put back to where it was, and goes the same way again. */
  private async streams(): Promise<void> {
    const stream = createStream(this.model);
    for (let t = 0; t < STEPS; t++) stream.step(t % vocabulary.size);
    const snapshot = stream.snapshot();
    const once = stream.step(0).slice();
    stream.restore(snapshot);
    const again = stream.step(0).slice();
    if (!once.every((value, i) => value === again[i])) throw new Error("a stream went another way than before");
    this.steps += STEPS + 2;
  }

  private async texts(): Promise<void> {
    const samples = await generateSamples(this.model, { prompt: "to be", maxTokens: 50, samples: 3 });
    if (samples.some((sample) => sample.length !== 50)) throw new Error("a text has another length than asked for");
  }

  /** The model while it is being trained, as a file and back. */
  private async files(round: number): Promise<void> {
    const path = join(this.folder, `model-${round % 4}`);
    const pieces = [...saveChunks(this.model)];
    writeFileSync(path, Buffer.concat(pieces));
    const copy = await load(await openAsBlob(path));
    const [{ loss }, { loss: other }] = [await evaluate(this.model, text), await evaluate(copy, text)];
    copy.free();
    if (loss !== other) throw new Error(`a loaded model has a loss of ${other} in place of ${loss}`);
  }

  /** A model whose workers start and end with it. */
  private async workers(round: number): Promise<void> {
    const model = await createModel({ vocabulary, hiddenSize: 8, seed: round });
    const options = { epochs: 1, batchSize: 16, sequenceLength: 40, gradientShards: 2, threads: 2 };
    for await (const { step } of train(model, text, { ...options, progressInterval: 0 })) if (step >= 2) break;
    this.steps += 2;
    model.free();
  }

  private async series(round: number): Promise<void> {
    const x = Array.from({ length: 80 }, (_, t) => (t % 7) + Math.sin(t + round));
    const series = prepareSeries({ x }, { columns: ["x"], target: "x", window: 7 });
    const model = await createForecaster(series, { hiddenSize: 6, seed: round });
    for await (const _ of train(model, series.examples, { epochs: 2 })) this.steps++;
    const ahead = forecast(model, { x }, 7)["x"]!;
    const outputs = await predictBatch(
      model,
      series.examples.map(({ inputs }) => inputs),
    );
    model.free();
    if (ahead.length !== 7 || outputs.length !== series.examples.length) throw new Error("rows are missing");
  }
}
