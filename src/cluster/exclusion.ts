import { z } from 'zod';
import type { Exclusion } from '../consensus/raft-status.js';
import { isLaterEpoch } from '../lib/cluster-epoch.js';
import { parseAnswer } from './ask-member.js';

/** What a member's `GET /cluster` says that matters here. */
const viewSchema = z.object({
  clusterId: z.string().nullable(),
  leaderId: z.string().nullable(),
  commitIndex: z.int(),
  configurationIndex: z.int(),
  members: z.array(z.object({ id: z.string(), instanceId: z.string() })),
});

/** Who asks, and the entry that last changed the members as it knows them. */
export interface Asker {
  readonly clusterId: string;
  readonly nodeId: string;
  readonly instanceId: string;
  readonly configurationIndex: number;
}

/**
 * What the answer of another node to `GET /cluster` says about the asker.
 *
 * It counts only from a node that knows a leader, of a later epoch of the cluster or of the same one; there its members
 * must be committed and at least as new as those that the asker knows: whoever lags may never have heard of it.
 *
 * @param text - The body of the answer.
 * @returns Null: it says nothing.
 */
export function exclusionIn(text: string, asker: Asker): Exclusion | 'member' | null {
  const view = parseAnswer(viewSchema, text);
  if (!view?.clusterId || view.leaderId === null) {
    return null;
  }
  if (view.clusterId !== asker.clusterId) {
    return isLaterEpoch(view.clusterId, asker.clusterId) ? 'leftBehind' : null;
  }
  if (view.configurationIndex > view.commitIndex || view.configurationIndex < asker.configurationIndex) {
    return null;
  }
  const member = view.members.find(({ id }) => id === asker.nodeId);
  if (member === undefined) {
    return 'removed';
  }
  return member.instanceId === asker.instanceId ? 'member' : 'replaced';
}
