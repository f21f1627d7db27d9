/** What a name of a node is made of. */
export const nodeIdPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Whether a text can be the name of a node. */
export function isNodeId(text: string): boolean {
  return nodeIdPattern.test(text);
}
