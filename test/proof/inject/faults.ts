import { constants } from "node:os";

/** A fault of one system call, or of all of its kind from there on. */
export interface Fault {
  readonly call: string;
  /** Which of the calls of this kind, from 1. */
  readonly nth: number;
  readonly what: "EIO" | "ENOSPC" | "EINTR" | "EMFILE" | "short";
  /** Whether all later calls of the kind fail, too, as on a disk that stays full. */
  readonly goesOn: boolean;
}

/** What each call is made to do; every call of the kind, in turn. */
const FAULTS: Readonly<Record<string, readonly (readonly [Fault["what"], goesOn: boolean])[]>> = {
  open: [
    ["EIO", false],
    ["EIO", true],
    ["ENOSPC", true],
    ["EMFILE", false],
    ["EINTR", false],
  ],
  read: [
    ["EIO", false],
    ["EINTR", false],
    ["short", false],
  ],
  write: [
    ["ENOSPC", false],
    ["ENOSPC", true],
    ["EIO", false],
    ["EINTR", false],
    ["short", false],
  ],
  fsync: [
    ["EIO", false],
    ["EIO", true],
    ["ENOSPC", false],
    ["EINTR", false],
  ],
  rename: [
    ["EIO", false],
    ["ENOSPC", true],
    ["EINTR", false],
  ],
  ftruncate: [
    ["EIO", false],
    ["ENOSPC", false],
    ["EINTR", false],
  ],
  unlink: [
    ["EIO", false],
    ["EIO", true],
  ],
  close: [
    ["EIO", false],
    ["ENOSPC", false],
    ["EINTR", false],
  ],
  chmod: [["EIO", true]],
  chown: [["EIO", true]],
  stat: [
    ["EIO", false],
    ["EINTR", false],
  ],
  /** Both where a link leads and where a whole path does. */
  readlink: [
    ["EIO", false],
    ["EIO", true],
  ],
};

/** All faults of a run that makes these calls, in order. */
export function faultsOf(calls: readonly string[]): Fault[] {
  const faults: Fault[] = [];
  const counts = new Map<string, number>();
  for (const call of calls) {
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    for (const [what, goesOn] of FAULTS[call] ?? []) faults.push({ call, nth, what, goesOn });
  }
  return faults;
}

/** As the library reads it. */
export function encode({ call, nth, what, goesOn }: Fault): string {
  return `${call}:${nth}:${what === "short" ? what : constants.errno[what]}${goesOn ? ":on" : ""}`;
}

export const describe = ({ call, nth, what, goesOn }: Fault): string =>
  `${call} ${nth}${goesOn ? " and all later" : ""}: ${what}`;

/** Faults that a program has to overcome: the call was interrupted, or transferred only a part. */
export const isPassing = ({ what }: Fault): boolean => what === "EINTR" || what === "short";
