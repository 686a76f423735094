/// <reference types="vite/client" />
import csv from "../../../examples/airline-passengers.csv?raw";
import type { Content } from "./protocol.js";

/** The library's example series, under the path by which the command line finds it. */
export const AIRLINE: Content = { text: csv, file: "examples/airline-passengers.csv" };
