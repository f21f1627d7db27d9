/** What to do about data that cannot be used any more. */
export const replaceAdvice =
  'replace this node: stop it, set its data directory or schema aside and start it once with -join and -replace';
