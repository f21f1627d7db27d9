import { MalformedBytesError, decodeText } from '../lib/bytes.js';
import { decodeConfiguration } from './membership/configuration.js';
import type { Configuration } from './membership/configuration.js';
import type { MembershipChange } from './membership/conf-change.js';
import type {
  AppendEntriesResponse,
  CompareState,
  CompareStateResponse,
  Divergence,
  HandOver,
  Message,
  MessageType,
  ProgressRequest,
  ProgressResponse,
  ProposeResponse,
  RequestVote,
  StateDiverged,
} from './messages.js';
import type { CoreWrite, ProposalOutcome, ReadOutcome, Ready, SnapshotTask, StatusChange } from './ready.js';
import type { Entry, ProposalId } from './types.js';

/** Longest command that is shown as text, in bytes. */
const shownBytesMax = 40;

/**
 * One line for a message: `a->b AppendEntries term=2 prev=3:1 commit=2 [4:2 "x=1"]`. Positions are `index:term`.
 *
 * For people: debug logs and stories. Nothing reads it back.
 */
export function formatMessage(message: Message): string {
  return `${message.from}->${message.to} ${messageName(message.type)} term=${message.term} ${body(message)}`.trimEnd();
}

/** One line for an entry: `5:2 "x=1"`, `4:2 noop` or `6:2 configuration a b (c)`. */
export function formatEntry(entry: Entry): string {
  return `${entry.index}:${entry.term} ${content(entry)}`;
}

/** Voters by id, then the learners in brackets: `a b (c)`. */
export function formatConfiguration(configuration: Configuration): string {
  const learners = configuration.members.filter((member) => member.role === 'learner').map((member) => member.id);
  return [...configuration.voterIds, ...learners.map((id) => `(${id})`)].join(' ') || 'nobody';
}

/** One line for each thing that a Ready wants done, in the order in which it is done. */
export function formatReady(ready: Ready): string[] {
  return [
    ...(ready.change === null ? [] : [formatChange(ready.change)]),
    ...(ready.write === null ? [] : formatWrite(ready.write)),
    ...ready.messages.map((message) => `send ${formatMessage(message)}`),
    ...ready.committed.map((entry) => `apply ${formatEntry(entry)}`),
    ...ready.proposals.map(formatProposalOutcome),
    ...ready.reads.map(formatReadOutcome),
    ...ready.snapshotTasks.map(formatTask),
  ];
}

/** The name of a message as the paper writes it. */
export function messageName(type: MessageType): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}

function body(message: Message): string {
  switch (message.type) {
    case 'requestVote':
      return formatRequestVote(message);
    case 'requestVoteResponse':
      return `${message.preVote ? 'preVote ' : ''}${message.granted ? 'granted' : 'refused'}`;
    case 'appendEntries':
      return (
        `prev=${message.prevLogIndex}:${message.prevLogTerm} commit=${message.leaderCommit} ` +
        `[${message.entries.map(formatEntry).join(', ')}]`
      );
    case 'appendEntriesResponse':
      return formatAppendEntriesResponse(message);
    case 'heartbeat':
      return `round=${message.round} commit=${message.leaderCommit}`;
    case 'heartbeatResponse':
      return `round=${message.round} durable=${message.durableIndex}${message.storageFull ? ' storageFull' : ''}`;
    default:
      return rareBody(message);
  }
}

type RareMessage = Exclude<
  Message,
  {
    type:
      | 'requestVote'
      | 'requestVoteResponse'
      | 'appendEntries'
      | 'appendEntriesResponse'
      | 'heartbeat'
      | 'heartbeatResponse';
  }
>;

function rareBody(message: RareMessage): string {
  switch (message.type) {
    case 'installSnapshot': {
      const { lastIncludedIndex, lastIncludedTerm, chunkCount } = message.snapshot;
      return `snapshot=${lastIncludedIndex}:${lastIncludedTerm} chunk=${message.chunk}/${chunkCount}`;
    }
    case 'installSnapshotResponse': {
      const state = message.installed ? 'installed' : `next=${message.nextChunk}`;
      return `snapshot=${message.snapshotIndex}:${message.snapshotTerm} ${state}`;
    }
    case 'readIndexRequest':
      return `batch=${message.batch} ${message.confirmation}`;
    case 'readIndexResponse':
      return `batch=${message.batch} ${message.readIndex === null ? 'notLeader' : `index=${message.readIndex}`}`;
    case 'propose':
      return `[${message.proposals.map(({ id, data }) => `${formatId(id)} ${formatData(data)}`).join(', ')}]`;
    case 'proposeResponse':
      return formatProposeResponse(message);
    case 'changeMembership':
      return `${formatId(message.id)} ${formatMembershipChange(message.change)}`;
    case 'timeoutNow':
      return '';
    default:
      return bodyForPeople(message);
  }
}

/** Of what decides nothing in the log. */
function bodyForPeople(
  message: ProgressRequest | ProgressResponse | CompareState | CompareStateResponse | StateDiverged | HandOver,
): string {
  switch (message.type) {
    case 'handOver':
      return `to=${message.target ?? 'anybody'}`;
    case 'progressRequest':
    case 'progressResponse':
      return formatProgress(message);
    case 'compareState': {
      const { round, index, findings } = message;
      return [`round=${round} index=${index}`, ...findings.divergences.map(formatDivergence)].join(' ');
    }
    case 'compareStateResponse':
      return `round=${message.round} index=${message.index} checksum=${message.checksum ?? 'none'}`;
    case 'stateDiverged':
      return `round=${message.round} ${formatDivergence(message.divergence)}`;
  }
}

function formatDivergence({ index, majorityChecksum, members }: Divergence): string {
  const odd = members.map(({ id, checksum }) => `${id}=${checksum}`);
  return `diverged=[index=${index} majority=${majorityChecksum ?? 'none'} ${odd.join(' ')}]`;
}

function formatProgress(message: ProgressRequest | ProgressResponse): string {
  const request = `request=${message.request}`;
  if (message.type === 'progressRequest') {
    return request;
  }
  return `${request} ${message.members === null ? 'notLeader' : `members=${message.members.length}`}`;
}

function formatRequestVote(message: RequestVote): string {
  const kind = `${message.preVote ? ' preVote' : ''}${message.leaderTransfer ? ' leaderTransfer' : ''}`;
  return `last=${message.lastLogIndex}:${message.lastLogTerm}${kind}`;
}

function formatAppendEntriesResponse(message: AppendEntriesResponse): string {
  return message.success
    ? `match=${message.matchIndex}`
    : `refused prev=${message.prevLogIndex} hint=${message.hintIndex}:${message.hintTerm}`;
}

function formatProposeResponse(message: ProposeResponse): string {
  const outcomes = [
    ...message.accepted.map(({ sequence, index }) => `#${sequence} at ${index}:${message.proposedTerm}`),
    ...message.refused.map(({ sequence, reason }) => `#${sequence} ${reason}`),
  ];
  return `${message.origin} [${outcomes.join(', ')}]`;
}

function formatMembershipChange(change: MembershipChange): string {
  switch (change.kind) {
    case 'join':
      return `join ${change.member.id}${change.replace ? ' replacing' : ''}`;
    case 'promote':
    case 'remove':
      return `${change.kind} ${change.id}`;
  }
}

function formatId(id: ProposalId): string {
  return `${id.origin}#${id.sequence}`;
}

function content(entry: Entry): string {
  switch (entry.kind) {
    case 'noop':
      return 'noop';
    case 'configuration':
      return `configuration ${formatConfiguration(decodeConfiguration(entry.data))}`;
    case 'command':
      return formatData(entry.data);
  }
}

function formatData(data: Uint8Array): string {
  if (data.length > shownBytesMax) {
    return `<${data.length} bytes>`;
  }
  try {
    return JSON.stringify(decodeText(data));
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return `<${data.length} bytes>`;
    }
    throw error;
  }
}

function formatChange(change: StatusChange): string {
  const { role, term, leaderId, configuration } = change;
  return `is ${role} term=${term} leader=${leaderId ?? 'none'} members=${formatConfiguration(configuration)}`;
}

function formatWrite(write: CoreWrite): string[] {
  const parts = [
    ...(write.reset === null ? [] : [`reset=${write.reset.index}:${write.reset.term}`]),
    ...(write.hardState === null
      ? []
      : [
          `term=${write.hardState.currentTerm} vote=${write.hardState.votedFor ?? 'none'} commit=${write.hardState.commitIndex}`,
        ]),
    ...(write.entries.length === 0 ? [] : [`[${write.entries.map(formatEntry).join(', ')}]`]),
  ];
  return [
    ['write', `#${write.sequence}`, ...parts].join(' '),
    ...write.messagesAfter.map((message) => `  then ${formatMessage(message)}`),
  ];
}

function formatProposalOutcome(outcome: ProposalOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return `proposal #${outcome.sequence} at ${outcome.index}:${outcome.term}`;
    case 'forwarded':
      return `proposal #${outcome.sequence} forwarded term=${outcome.term}`;
    case 'refused':
      return `proposal #${outcome.sequence} refused ${outcome.reason}`;
  }
}

function formatReadOutcome(outcome: ReadOutcome): string {
  const result = outcome.readIndex === null ? 'lost its leader' : `from index ${outcome.readIndex}`;
  return `read ${outcome.ids.map((id) => `#${id}`).join(' ')} ${result}`;
}

function formatTask(task: SnapshotTask): string {
  switch (task.kind) {
    case 'readChunk':
      return `read chunk ${task.chunk} of snapshot ${task.index} for ${task.to}`;
    case 'storeChunk':
      return `store chunk ${task.chunk} of snapshot ${task.metadata.lastIncludedIndex}`;
    case 'install':
      return `install snapshot ${task.metadata.lastIncludedIndex}`;
  }
}
