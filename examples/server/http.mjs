import { InputError, UnknownTokenError } from "lstm-wasm";
import { described } from "./input.mjs";
import { BUSY_HEADERS, Refusal } from "./refusal.mjs";

/** Largest body of a step, in bytes, beside the numbers of a vector. */
const BODY_BYTES = 1024;
/** Longest number in JSON, with its comma. */
const NUMBER_BYTES = 32;
/** Most steps in one request. */
const MOST_STEPS = 256;

const ROUTES = [
  ["GET", /^\/health$/, ({ sessions, isStopping }) => health(sessions, isStopping())],
  ["GET", /^\/model$/, ({ sessions }) => ({ status: 200, body: sessions.description })],
  [
    "POST",
    /^\/sessions$/,
    async ({ sessions }) => ({ status: 201, body: { session: await sessions.create(), step: 0 } }),
  ],
  ["POST", /^\/sessions\/([\w-]{1,64})\/steps$/, takeStep],
  ["POST", /^\/steps$/, takeSteps],
  ["DELETE", /^\/sessions\/([\w-]{1,64})$/, endSession],
];

/**
 * Answers a request.
 *
 * @param {() => boolean} isStopping whether this server takes no more connections
 */
export async function respond(request, response, sessions, isStopping) {
  // Before anything is spent on it: refusing must not take as long as a step.
  if (sessions.isFull && request.url.endsWith("/steps")) {
    response.writeHead(503, FULL_HEADERS);
    response.end(sessions.refuse());
    return;
  }
  let answer;
  try {
    answer = await route({ request, sessions, isStopping });
  } catch (error) {
    // The client has gone before it had said what it wants.
    if (request.destroyed && !request.complete) return;
    answer = answerTo(error);
  }
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    // The balancer sends what follows to another process.
    ...(isStopping() ? { connection: "close" } : {}),
    ...answer.headers,
  });
  response.end(text);
}

function route({ request, sessions, isStopping }) {
  const [pathname] = request.url.split("?");
  const found = ROUTES.filter(([, pattern]) => pattern.test(pathname));
  if (found.length === 0) throw new Refusal(404, `there is nothing at ${pathname}`);
  const [, pattern, handle] = found.find(([method]) => method === request.method) ?? [];
  if (!handle) throw new Refusal(405, `${pathname} takes ${found[0][0]}`, { allow: found[0][0] });
  const [, id] = pathname.match(pattern);
  return handle({ request, sessions, isStopping, id });
}

/** For the balancer: whether this process takes requests. */
const health = (sessions, isStopping) => ({ status: isStopping ? 503 : 200, body: sessions.figures });

async function takeStep({ request, sessions, id }) {
  const { input, step } = await readJson(request, bytesOf(sessions, 1));
  return { status: 200, body: await stepOf(sessions, id, input, step) };
}

/** Steps of many sessions in one request, of somebody between the users and this server. */
async function takeSteps({ request, sessions }) {
  const { steps } = await readJson(request, bytesOf(sessions, MOST_STEPS));
  if (!Array.isArray(steps) || steps.length > MOST_STEPS)
    throw new Refusal(400, `steps: expected an array of at most ${MOST_STEPS}`);
  const taken = steps.map(async (each) => {
    const { session, input, step } = Object(each);
    try {
      if (typeof session !== "string") throw new Refusal(400, `session: expected its name, got ${described(session)}`);
      return { session, ...(await stepOf(sessions, session, input, step)) };
    } catch (error) {
      const { status, body } = answerTo(error);
      return { session, status, ...body };
    }
  });
  return { status: 200, body: { steps: await Promise.all(taken) } };
}

async function stepOf(sessions, id, input, expected) {
  if (expected !== undefined && !(Number.isSafeInteger(expected) && expected >= 0))
    throw new Refusal(400, `step: expected the number of steps so far, or nothing, got ${described(expected)}`);
  const { step, outputs } = await sessions.step(id, input, expected);
  return { step, outputs: Array.from(outputs) };
}

const bytesOf = ({ vectorSize }, steps) => steps * (BODY_BYTES + NUMBER_BYTES * vectorSize);

async function endSession({ sessions, id }) {
  await sessions.end(id);
  return { status: 204 };
}

/** The object in a body of JSON. */
async function readJson(request, most) {
  const text = await readBody(request, most);
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, `the body: expected JSON, ${error.message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new Refusal(400, 'the body: expected an object such as {"input":…}');
}

function readBody(request, most) {
  const tooLarge = () => new Refusal(413, `the body: expected at most ${most} bytes`, { connection: "close" });
  return new Promise((resolve, reject) => {
    const pieces = [];
    let length = 0;
    request.on("data", (piece) => {
      length += piece.length;
      // The rest is not read: the connection closes.
      if (length > most) {
        request.pause();
        reject(tooLarge());
      } else pieces.push(piece);
    });
    request.on("end", () => resolve(pieces.length === 1 ? String(pieces[0]) : String(Buffer.concat(pieces))));
    request.on("error", reject);
  });
}

const FULL_HEADERS = { "content-type": "application/json", ...BUSY_HEADERS };

/** An error as an answer. */
function answerTo(error) {
  const { name, message } = error;
  if (error instanceof Refusal) return { status: error.status, headers: error.headers, body: error.body };
  if (error instanceof InputError || error instanceof UnknownTokenError)
    return { status: 400, body: { error: message, name } };
  console.error(error);
  return { status: 500, body: { error: message, name } };
}
