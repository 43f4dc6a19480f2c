// Choices out of several lists so that every two values of different lists meet in one of them at least: a covering array of strength two.

type Lists = Readonly<Record<string, readonly unknown[]>>;
export type Choice<T extends Lists> = { readonly [K in keyof T]: T[K][number] };

/** Greedy: each row takes the values that meet the most others for the first time. The same lists always give the same rows. */
export function pairwise<const T extends Lists>(lists: T): Choice<T>[] {
  const names = Object.keys(lists);
  const open = new Set<string>();
  for (const [i, a] of names.entries())
    for (const b of names.slice(i + 1))
      for (const x of lists[a]!.keys()) for (const y of lists[b]!.keys()) open.add(pairOf(a, x, b, y));
  const rows: Choice<T>[] = [];
  while (open.size > 0) {
    const row = new Map<string, number>();
    const [a, x, b, y] = JSON.parse(open.values().next().value!) as [string, number, string, number];
    row.set(a, x).set(b, y);
    for (const name of names) if (!row.has(name)) row.set(name, best(name, lists[name]!.length, row, open, names));
    for (const pair of pairsOf(row, names)) open.delete(pair);
    rows.push(Object.fromEntries(names.map((name) => [name, lists[name]![row.get(name)!]])) as Choice<T>);
  }
  return rows;
}

function best(
  name: string,
  count: number,
  row: ReadonlyMap<string, number>,
  open: Set<string>,
  names: readonly string[],
): number {
  const gains = Array.from({ length: count }, (_, value) => {
    const tried = new Map(row).set(name, value);
    return pairsOf(tried, names).filter((pair) => open.has(pair)).length;
  });
  return gains.indexOf(Math.max(...gains));
}

function pairsOf(row: ReadonlyMap<string, number>, names: readonly string[]): string[] {
  const chosen = names.filter((name) => row.has(name));
  return chosen.flatMap((a, i) => chosen.slice(i + 1).map((b) => pairOf(a, row.get(a)!, b, row.get(b)!)));
}

function pairOf(a: string, x: number, b: string, y: number): string {
  return JSON.stringify([a, x, b, y]);
}
