/** Runs `work` for each item, at most `jobs` at a time, begun in order. @returns The results in the order of the items. */
export async function inJobs<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const runJob = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [position, item] = next;
      results[position] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: jobs }, runJob));
  return results;
}
