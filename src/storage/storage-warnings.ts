/** How the stores report what an operator should know but a node can live with. */
export class StorageWarnings {
  constructor(readonly warn: (message: string) => void) {}
}
