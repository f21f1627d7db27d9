/** Runs each subject once a round, A B and then B A, so that what changes with time hits all alike. */
export async function inTurns<Subject, Result>(
  results: ReadonlyMap<Subject, Result[]>,
  rounds: number,
  run: (subject: Subject) => Promise<Result | null>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (const [subject, done] of round % 2 === 0 ? [...results] : [...results].reverse()) {
      const result = await run(subject);
      if (result !== null) {
        done.push(result);
      }
    }
  }
}
