/**
 * Waits for all of some runs of git, and only then fails with the first that failed.
 *
 * So nothing of ours is still running when a caller learns of a failure.
 */
export async function settled<const Runs extends readonly unknown[]>(
  runs: Runs,
): Promise<{ readonly [At in keyof Runs]: Awaited<Runs[At]> }> {
  await Promise.allSettled(runs);
  return Promise.all(runs);
}
