import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Block, blocksOf } from "../markdown.js";
import { execute } from "./consumers/project.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TOOLS = fileURLToPath(new URL("node_modules/.bin/", import.meta.url));

/** A text in Markdown whose sections are programs: code blocks that name a file, and commands. */
export class Guide {
  private readonly sections = new Map<string, Block[]>();

  constructor(
    private readonly name: string,
    readonly text: string,
  ) {
    for (const section of text.split(/^## /m).slice(1)) {
      const end = section.indexOf("\n");
      this.sections.set(section.slice(0, end), blocksOf(section.slice(end)));
    }
  }

  get titles(): string[] {
    return [...this.sections.keys()];
  }

  get all(): Block[] {
    return [...this.sections.values()].flat();
  }

  /** A section's blocks, or those in one language. */
  blocks(title: string, language?: string): Block[] {
    const blocks = this.sections.get(title);
    if (!blocks) throw new Error(`there is no section ${title}`);
    return language === undefined ? blocks : blocks.filter((block) => block.language === language);
  }

  /** The contents of a file that a section shows. */
  file(title: string, name: string): string {
    const block = this.blocks(title).find(({ file }) => file === name);
    if (!block) throw new Error(`the section ${title} has no file ${name}`);
    return block.code;
  }

  /**
   * Writes a section's files into a folder that has the library in its node_modules, and runs its commands there.
   *
   * @param files further ones, and other contents for the section's own
   * @returns the folder
   */
  async write(title: string, files: Readonly<Record<string, string>>): Promise<string> {
    const folder = join(ROOT, "build", "guide", this.name, title.toLowerCase().replaceAll(/\W+/g, "-"));
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, "node_modules"), { recursive: true });
    await symlink(ROOT, join(folder, "node_modules", "lstm-wasm"), "junction");
    const shown = this.blocks(title).flatMap(({ file, code }) => (file === undefined ? [] : [[file, code]]));
    for (const [name, code] of Object.entries({ ...Object.fromEntries(shown), ...files }))
      await writeFile(join(folder, name), code as string);
    const env = { ...process.env, PATH: `${TOOLS}:${process.env["PATH"]}` };
    for (const { code } of this.blocks(title, "sh"))
      await execute("/bin/sh", ["-ec", code.replaceAll(/^npx /gm, "")], { cwd: folder, env });
    return folder;
  }
}
