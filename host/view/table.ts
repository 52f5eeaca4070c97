// SPDX-License-Identifier: MIT
// Tables for people: padded columns, a rule under the headings, no frame. Columns of numbers stand to the right.

/** What stands in a cell. Numbers are written with commas between thousands. */
export type Cell = string | number;

/**
 * The lines of a table, without line ends. A column in which every cell is a number, or empty, stands to the right. Rows
 * may be shorter than `headings`; longer ones are a RangeError.
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const tooLong = rows.find((row) => row.length > headings.length);
  if (tooLong !== undefined) {
    throw new RangeError(`a row of ${tooLong.length} cells under ${headings.length} headings`);
  }
  const texts = rows.map((row) => headings.map((_, i) => textOf(row[i] ?? '')));
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...texts.map((row) => row[i]!.length)),
  );
  const isNumeric = headings.map(
    (_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number' || (row[i] ?? '') === ''),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  return [lineOf(headings), lineOf(rule), ...texts.map(lineOf)];
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
