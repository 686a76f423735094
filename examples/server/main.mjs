// A server that answers the next step of thousands of users' sessions from one model: docs/serving.md.
//
//   npm run build && node examples/server/main.mjs --model book.safetensors
//   curl -X POST http://127.0.0.1:8080/sessions
//   curl -d '{"input":"R"}' http://127.0.0.1:8080/sessions/ID/steps
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { LstmError } from "lstm-wasm";
import { startServer } from "./server.mjs";

const USAGE = `usage: node main.mjs --model FILE [options]

  --model FILE       a checkpoint of a model that can be stepped
  --host ADDRESS     where to listen (127.0.0.1); there is no encryption and no login
  --port N           0 takes any that is free (8080)
  --workers N        threads that compute (one fewer than the cores)
  --batch N          most sessions that a thread steps side by side (32)
  --queue N          most steps that are open at once: beyond, the answer is 503 (256)
  --ttl SECONDS      a session ends when it is not used for so long (600)
  --sessions N       most sessions in this process's memory (100000)
  --keep FILE        keeps them from one start to the next
  --store URL        keeps them in Redis instead, for several processes: redis://127.0.0.1:6379`;

const whole = (name, text, min) => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= min) return number;
  throw new TypeError(`--${name}: expected a whole number from ${min} on, got ${JSON.stringify(text)}`);
};

function parse() {
  const text = (value) => ({ type: "string", ...(value === undefined ? {} : { default: value }) });
  const { values } = parseArgs({
    options: {
      help: { type: "boolean" },
      model: text(),
      host: text("127.0.0.1"),
      port: text("8080"),
      workers: text(String(Math.max(1, availableParallelism() - 1))),
      batch: text("32"),
      queue: text("256"),
      ttl: text("600"),
      sessions: text("100000"),
      keep: text(),
      store: text(),
    },
  });
  if (values.help) return undefined;
  if (values.model === undefined) throw new TypeError("--model FILE is missing");
  if (values.store !== undefined && values.keep !== undefined)
    throw new TypeError("--keep is for sessions in this process's memory: leave it out beside --store");
  const numbers = { port: 0, workers: 1, batch: 1, queue: 1, ttl: 1, sessions: 1 };
  for (const [name, min] of Object.entries(numbers)) values[name] = whole(name, values[name], min);
  return values;
}

function settings() {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = settings();
if (!options) console.log(USAGE);
else
  try {
    const server = await startServer({ ...options, model: await readFile(options.model) });
    console.log(`listening on ${server.url}`);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.stop());
    await server.stopped;
  } catch (error) {
    // What the user can mend; anything else is a fault of the program.
    if (!(error instanceof LstmError || typeof error.code === "string")) throw error;
    console.error(`${error.file ?? options.model}: ${error.message}`);
    process.exitCode = 1;
  }
