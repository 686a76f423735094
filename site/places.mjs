import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const ROOT = here("..");
/** What VitePress reads: every page in one folder, so that relative links are the same for all. */
export const SOURCE = here("../build/site-source");
/** What any folder of any server can serve. */
export const OUT = here("../build/site");
/** Stands for the folder that the site will be in, until relocate.mjs makes it relative. */
export const BASE = "/__folder_of_the_site__/";
