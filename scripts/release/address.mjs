// Where the project lives: `repository` in package.json is the one place, from which npm makes the README's links, and which
// provenance compares with the workflow's own. `homepage` and `bugs` follow from it.

/** The fields of package.json for a repository such as https://github.com/OWNER/NAME. */
export function addressFields(url) {
  const [, base] = url.match(/^(?:git\+)?(https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/) ?? [];
  if (!base) throw new Error(`expected an address such as https://github.com/OWNER/NAME, got ${url}`);
  return {
    homepage: `${base}#readme`,
    bugs: { url: `${base}/issues` },
    repository: { type: "git", url: `git+${base}.git` },
  };
}

/** package.json's text with these fields behind its license. */
export function withAddress(text, url) {
  const { homepage: _, bugs: __, repository: ___, ...rest } = JSON.parse(text);
  const fields = Object.entries(rest).flatMap((field) =>
    field[0] === "license" ? [field, ...Object.entries(addressFields(url))] : [field],
  );
  return `${JSON.stringify(Object.fromEntries(fields), null, 2)}\n`;
}
