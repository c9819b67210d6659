/** Text broken into lines for a given width: Chinese anywhere, Latin words whole where they fit. */

export type Measure = (text: string) => number;

export function wrapped(text: string, width: number, measure: Measure): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    for (const part of measure(piece) > width ? Array.from(piece) : [piece]) {
      if (line !== '' && measure(line + part.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = part.trimStart();
      } else line += part;
    }
  }
  return line.trim() === '' && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}

/** A Latin word with the spaces behind it, or one other character with a mark that may not begin a line. */
const pieces = (text: string): readonly string[] => text.match(/[!-~]+ *|\s+|.[，。、；：！？）》”]*/gsu) ?? [];
