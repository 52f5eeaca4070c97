// SPDX-License-Identifier: MIT
// The few elements of SVG that a chart is made of, as text. Positions are rounded, so that the same drawing is the same
// octets wherever it is made.

/** A number of the drawing. */
export const at = (value: number): string => String(Math.round(value * 100) / 100);

export const escape = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** `lines`, moved to (x, y). */
export function group(x: number, y: number, lines: readonly string[]): string {
  return [`<g transform="translate(${at(x)} ${at(y)})">`, ...lines, '</g>'].join('\n');
}

/** Words on the line y. */
export function text(x: number, y: number, style: string, words: string, anchor?: 'middle' | 'end'): string {
  const where = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text class="${style}" x="${at(x)}" y="${at(y)}"${where}>${escape(words)}</text>`;
}

/** A rectangle, its corners rounded by `radius`; `title` shows when one points at it. */
export function box(
  style: string,
  [x, y, width, height]: readonly [x: number, y: number, width: number, height: number],
  { radius = 0, title = '' } = {},
): string {
  const corners = radius === 0 ? '' : ` rx="${at(radius)}"`;
  const place = `x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}"`;
  const rect = `<rect class="${style}" ${place}${corners}`;
  return title === '' ? `${rect}/>` : `${rect}><title>${escape(title)}</title></rect>`;
}

/** A line downward. */
export function vertical(style: string, x: number, from: number, to: number): string {
  return `<line class="${style}" x1="${at(x)}" y1="${at(from)}" x2="${at(x)}" y2="${at(to)}"/>`;
}
