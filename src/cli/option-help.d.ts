/** Collected from the option tables by scripts/option-help.mjs. */
declare module "#option-help" {
  /** Help texts by table and option. */
  export const OPTION_HELP: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
