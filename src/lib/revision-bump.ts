/**
 * A restore raises the revision by this where nothing else is asked for, above every revision that the store or the backup has had: no client sees it go
 * back, also none that wrote after the backup was made.
 */
export const revisionBump = 1_000_000_000;
