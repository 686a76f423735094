/** A request that is answered with an error: its HTTP status, and what the client is told. */
export class Refusal extends Error {
  name = "Refusal";

  constructor(status, message, headers = {}, more = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.body = { error: message, ...more };
  }
}

/** In how many seconds a request is to be repeated. */
export const BUSY_HEADERS = { "retry-after": "1" };

/** Too much at once: nothing has happened, and the same request can be repeated. */
export const busy = (message) => new Refusal(503, `${message}: repeat the request`, BUSY_HEADERS);
