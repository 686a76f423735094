// CHANGELOG.md, as Keep a Changelog has it: a section for what is not released yet, then one per version, newest first.

const UNRELEASED = "## Unreleased\n";

/** What is listed under a heading, up to the next one; undefined without such a heading. */
export function entriesOf(changelog, heading) {
  const sections = changelog.split(/^## /m).map((section) => section.split(/\n(.*)/s));
  return sections.find(([title]) => title === heading || title.startsWith(`${heading} `))?.[1].trim();
}

/**
 * The changelog with what was unreleased under the version's heading, and an empty section above it.
 *
 * @param {string} date YYYY-MM-DD
 */
export function released(changelog, version, date) {
  if (!changelog.includes(UNRELEASED)) throw new Error('CHANGELOG.md has no line "## Unreleased"');
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} - ${date}\n`);
}
