// Which known name a misspelt one may have been meant to be.

/**
 * The known name that takes the fewest edits (a letter added, left out or replaced: Levenshtein 1966), letter case apart;
 * undefined if even that takes more than a third of the letters, or more than two of a short name.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const edits = new Map(known.map((each) => [each, editDistance(name.toLowerCase(), each.toLowerCase())]));
  const [nearest] = [...known].sort((a, b) => edits.get(a)! - edits.get(b)!);
  const most = Math.max(2, Math.floor(name.length / 3));
  return nearest !== undefined && edits.get(nearest)! <= most ? nearest : undefined;
}

/** Row by row of the table of distances between all beginnings of the two. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row[j] = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    above = row;
  }
  return above[b.length]!;
}
