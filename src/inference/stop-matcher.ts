/** Recognizes the texts after which generation ends. */
export class StopMatcher {
  private tail = "";
  private readonly stops: readonly string[];

  constructor(stop: string | readonly string[] = []) {
    this.stops = [stop].flat();
  }

  /** Whether one of them has been generated, once this piece is. */
  isMatched(piece: string): boolean {
    this.tail += piece;
    const isMatched = this.stops.some((stop) => this.tail.includes(stop));
    this.tail = this.tail.slice(-Math.max(1, ...this.stops.map((stop) => stop.length)));
    return isMatched;
  }
}
