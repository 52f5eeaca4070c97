// SPDX-License-Identifier: MIT
// Edits of somebody else's source text. An edit names the text that it replaces and how often that text occurs; when it
// does not occur so often, the source is not the one that the edit was made for, and nothing is built from it.

/** Put `replace` in the place of `find`, which occurs exactly `times` times in `file` (once, unless it is said). */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly times?: number;
}

/** The source is not the one that the edits were made for. */
export class UnknownSourceError extends Error {
  override name = 'UnknownSourceError';
}

/** The text of `file` after those of `edits` that are meant for it, in their order. */
export function applyEdits(file: string, text: string, edits: readonly Edit[]): string {
  return edits
    .filter((edit) => edit.file === file)
    .reduce((edited, { find, replace, times = 1 }) => {
      const parts = edited.split(find);
      const found = parts.length - 1;
      if (found !== times) {
        throw new UnknownSourceError(
          `${file}: ${JSON.stringify(firstLine(find))} occurs ${found} times, not ${times}: not the source that the edits know`,
        );
      }
      return parts.join(replace);
    }, text);
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!;
}
