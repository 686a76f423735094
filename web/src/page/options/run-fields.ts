import { CREATE_OPTIONS, EXECUTION_OPTIONS, type TrainOptions } from "lstm-wasm";
import { type Field, type Fields, fieldsOf, read, type Values } from "./fields.js";

// Fields that every run has.

/** What a model runs on. */
export const CREATE_FIELDS = fieldsOf("CREATE_OPTIONS", CREATE_OPTIONS);
/** What a run is carried out with. The page resumes, aborts and reports by itself. */
export const EXECUTION_FIELDS = fieldsOf("EXECUTION_OPTIONS", EXECUTION_OPTIONS, [
  "resume",
  "signal",
  "progressInterval",
  "processGroup",
]);
/** Both, which are the machine's and no part of the run. */
export const HARDWARE_FIELDS: Fields = { ...CREATE_FIELDS, ...EXECUTION_FIELDS };

/** Whether a run keeps an option, however it is resumed. */
export const isFixed = ({ table, spec }: Field): boolean =>
  !["TRAIN_OPTIONS", "EXECUTION_OPTIONS"].includes(table) || spec.isFixed === true;

/**
 * What a run takes from a form when it is resumed.
 *
 * @throws OptionError for a field that cannot be
 */
export const resumeOptions = (fields: Fields, values: Values): TrainOptions =>
  read(fields, values, (field) => !isFixed(field)) as TrainOptions;
