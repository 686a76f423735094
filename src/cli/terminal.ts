import type { TrainReport } from "../training/train.js";

/** How often the progress bar is redrawn, or a line printed without a terminal, in milliseconds. */
const BAR_INTERVAL = 100;
const LINE_INTERVAL = 1000;
const BAR_WIDTH = 10;

/** Shows progress on stderr: a bar on a terminal, lines elsewhere. */
export class ProgressDisplay {
  private readonly stream = process.stderr;
  private last = Number.NEGATIVE_INFINITY;
  private drawn = false;
  /** The last validation loss. */
  private validation: number | undefined;
  /** Where this process started: a resumed run starts in the middle. */
  private firstProgress: { progress: number; seconds: number } | undefined;

  /** @param every without a terminal, epochs per line; by default a line a second */
  constructor(
    private readonly epochs: number,
    private readonly unit: { readonly bits: boolean },
    private readonly every?: number,
  ) {}

  start(description: string): void {
    this.stream.write(`${description}\n`);
  }

  show(report: TrainReport): void {
    if (!this.isDue(report)) return;
    this.last = performance.now();
    if (this.stream.isTTY) this.draw(report);
    else this.stream.write(`${this.describe(report)}\n`);
  }

  private isDue({ event, epoch, progress }: TrainReport): boolean {
    if (progress >= 1) return true;
    if (!this.stream.isTTY && this.every !== undefined)
      return event === "epoch" && (epoch === 1 || epoch % this.every === 0);
    return performance.now() - this.last >= (this.stream.isTTY ? BAR_INTERVAL : LINE_INTERVAL);
  }

  /** Clears the bar, so that other output starts on a clean line. */
  clear(): void {
    if (this.drawn) this.stream.write("\r\x1b[2K");
    this.drawn = false;
  }

  private draw(report: TrainReport): void {
    const cells = Math.floor(report.progress * BAR_WIDTH);
    const bar = "█".repeat(cells) + "░".repeat(BAR_WIDTH - cells);
    const line = `${bar} ${percent(report.progress, 0)}  ${this.describe(report)}`;
    const { columns = 80 } = this.stream;
    this.stream.write(`\r\x1b[2K${[...line].slice(0, columns - 1).join("")}`);
    this.drawn = true;
  }

  private describe(report: TrainReport): string {
    const { epoch, trainLoss, validationLoss, tokensPerSecond, seconds, progress } = report;
    this.firstProgress ??= { progress, seconds };
    const pace = (seconds - this.firstProgress.seconds) / (progress - this.firstProgress.progress);
    const left = progress < 1 && Number.isFinite(pace) ? `, ${duration(pace * (1 - progress))} left` : "";
    const bits = this.unit.bits ? ` (${(trainLoss / Math.LN2).toFixed(2)} bits)` : "";
    this.validation = validationLoss ?? this.validation;
    const validation = this.validation === undefined ? "" : `, validation ${this.validation.toFixed(4)}`;
    return (
      `epoch ${epoch}/${this.epochs}, loss ${trainLoss.toFixed(4)}${bits}${validation}, ` +
      `${count(tokensPerSecond)} tokens/s${left}`
    );
  }
}

/** 0.9988 → "99.88 %" */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** 612345.6 → "612,346" */
export const count = (n: number): string => Math.round(n).toLocaleString("en-US");

/** 1, "epoch" → "1 epoch"; 1000, "epoch" → "1,000 epochs"; 2, "window of rows" → "2 windows of rows" */
export const counted = (n: number, thing: string): string =>
  `${count(n)} ${n === 1 ? thing : thing.replace(/^\w+/, "$&s")}`;

/** Seconds as a person would say them: "0.8 s", "42 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Wraps a text to `width` columns, at spaces if possible, and indents each line by two spaces. */
export function wrapped(text: string, width = Math.min(process.stdout.columns ?? 100, 100) - 2): string {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const piece of paragraph.split(/(?<= )/)) {
      if (line !== "" && line.length + piece.trimEnd().length > width) {
        lines.push(line);
        line = "";
      }
      line += piece;
    }
    lines.push(line);
  }
  return lines.map((line) => `  ${line}`.trimEnd()).join("\n");
}
