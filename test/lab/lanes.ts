// Work in lanes: at most so many pieces at once, each told in which lane it is.

const NAMES = 'abcdefgh';

export const MOST_LANES = NAMES.length;

/** Does `work` for each item, the first ones first. @param count lanes, 1 to MOST_LANES. */
export async function inLanes<T>(
  count: number,
  items: readonly T[],
  work: (item: T, lane: string) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (name: string): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, name);
  };
  await Promise.all([...NAMES.slice(0, count)].map(lane));
}
