import { fileURLToPath } from "node:url";

/** The built command line; this file is compiled to build/campaign/campaign. */
export const CLI = fileURLToPath(new URL("../../../dist/bundle/cli.js", import.meta.url));
