import type { MessageType, ProposalRefusal, ReadConfirmation } from '../raft/index.js';
import { appendEntriesCodec } from './append-entries-codec.js';
import type { BodyCodec } from './body-codec.js';
import { nameBytesMax, originBytesMax, readText } from './bounded-text.js';
import { compareStateCodec, compareStateResponseCodec, stateDivergedCodec } from './comparison-codec.js';
import { check, readChoice, readFlag, readList, readProposalId } from './field-readers.js';
import { readChange, readSnapshot, writeChange, writeSnapshot } from './membership-codec.js';
import { progressResponseCodec } from './progress-codec.js';

/** Position is the byte on the wire: append only. */
const confirmations: readonly ReadConfirmation[] = ['quorum', 'contact'];
const refusals: readonly ProposalRefusal[] = [
  'notLeader',
  'overloaded',
  'transferring',
  'changeInProgress',
  'conflict',
  'notReady',
  'storageFull',
  'unknownMember',
  'lastVoter',
  'quorumAtRisk',
];

/** Fields go in the order in which the messages name them; flags and choices are u8, other numbers u53. */
export const bodyCodecs: { readonly [T in MessageType]: BodyCodec<T> } = {
  requestVote: {
    write: ({ preVote, lastLogIndex, lastLogTerm, leaderTransfer }, writer) => {
      writer.u8(Number(preVote)).u53(lastLogIndex).u53(lastLogTerm).u8(Number(leaderTransfer));
    },
    read: (reader, envelope) => {
      const preVote = readFlag(reader);
      const lastLogIndex = reader.u53();
      const lastLogTerm = reader.u53();
      check(lastLogTerm <= envelope.term, 'the last term is not above the one that is campaigned for');
      check(lastLogIndex > 0 || lastLogTerm === 0, 'an empty log has no term');
      return { type: 'requestVote', ...envelope, preVote, lastLogIndex, lastLogTerm, leaderTransfer: readFlag(reader) };
    },
  },
  requestVoteResponse: {
    write: ({ preVote, granted }, writer) => {
      writer.u8(Number(preVote)).u8(Number(granted));
    },
    read: (reader, envelope) => ({
      type: 'requestVoteResponse',
      ...envelope,
      preVote: readFlag(reader),
      granted: readFlag(reader),
    }),
  },
  appendEntries: appendEntriesCodec,
  appendEntriesResponse: {
    write: ({ success, prevLogIndex, matchIndex, hintIndex, hintTerm }, writer) => {
      writer.u8(Number(success)).u53(prevLogIndex).u53(matchIndex).u53(hintIndex).u53(hintTerm);
    },
    read: (reader, envelope) => ({
      type: 'appendEntriesResponse',
      ...envelope,
      success: readFlag(reader),
      prevLogIndex: reader.u53(),
      matchIndex: reader.u53(),
      hintIndex: reader.u53(),
      hintTerm: reader.u53(),
    }),
  },
  heartbeat: {
    write: ({ leaderCommit, round }, writer) => {
      writer.u53(leaderCommit).u53(round);
    },
    read: (reader, envelope) => {
      check(envelope.term >= 1, 'a leader has a term');
      return { type: 'heartbeat', ...envelope, leaderCommit: reader.u53(), round: reader.u53() };
    },
  },
  heartbeatResponse: {
    write: ({ round, storageFull, durableIndex }, writer) => {
      writer.u53(round).u8(Number(storageFull)).u53(durableIndex);
    },
    read: (reader, envelope) => ({
      type: 'heartbeatResponse',
      ...envelope,
      round: reader.u53(),
      storageFull: readFlag(reader),
      durableIndex: reader.u53(),
    }),
  },
  installSnapshot: {
    write: ({ snapshot, chunk, data }, writer) => {
      writeSnapshot(writer, snapshot);
      writer.u53(chunk).block(data);
    },
    read: (reader, envelope) => {
      const snapshot = readSnapshot(reader);
      const chunk = reader.u53();
      const data = reader.block();
      check(envelope.term >= 1, 'a leader has a term');
      check(snapshot.lastIncludedTerm <= envelope.term, 'a snapshot is not of a later term');
      check(chunk < snapshot.chunkCount, 'a chunk is one of those announced');
      check(data.length <= snapshot.byteCount, 'a chunk is not longer than the whole');
      return { type: 'installSnapshot', ...envelope, snapshot, chunk, data };
    },
  },
  installSnapshotResponse: {
    write: ({ snapshotIndex, snapshotTerm, nextChunk, installed }, writer) => {
      writer.u53(snapshotIndex).u53(snapshotTerm).u53(nextChunk).u8(Number(installed));
    },
    read: (reader, envelope) => ({
      type: 'installSnapshotResponse',
      ...envelope,
      snapshotIndex: reader.u53(),
      snapshotTerm: reader.u53(),
      nextChunk: reader.u53(),
      installed: readFlag(reader),
    }),
  },
  readIndexRequest: {
    write: ({ batch, confirmation }, writer) => {
      writer.u53(batch).u8(confirmations.indexOf(confirmation));
    },
    read: (reader, envelope) => ({
      type: 'readIndexRequest',
      ...envelope,
      batch: reader.u53(),
      confirmation: readChoice(reader, confirmations),
    }),
  },
  readIndexResponse: {
    write: ({ batch, readIndex }, writer) => {
      writer
        .u53(batch)
        .u8(Number(readIndex !== null))
        .u53(readIndex ?? 0);
    },
    read: (reader, envelope) => {
      const batch = reader.u53();
      const isKnown = readFlag(reader);
      const readIndex = reader.u53();
      check(isKnown || readIndex === 0, 'a flag agrees with its number');
      return { type: 'readIndexResponse', ...envelope, batch, readIndex: isKnown ? readIndex : null };
    },
  },
  propose: {
    write: ({ proposals }, writer) => {
      writer.u32(proposals.length);
      for (const { id, data } of proposals) {
        writer.text(id.origin).u53(id.sequence).block(data);
      }
    },
    read: (reader, envelope) => ({
      type: 'propose',
      ...envelope,
      proposals: readList(reader, (items) => ({ id: readProposalId(items), data: items.block() })),
    }),
  },
  proposeResponse: {
    write: ({ proposedTerm, origin, accepted, refused }, writer) => {
      writer.u53(proposedTerm).text(origin).u32(accepted.length);
      for (const { sequence, index } of accepted) {
        writer.u53(sequence).u53(index);
      }
      writer.u32(refused.length);
      for (const { sequence, reason } of refused) {
        writer.u53(sequence).u8(refusals.indexOf(reason));
      }
    },
    read: (reader, envelope) => ({
      type: 'proposeResponse',
      ...envelope,
      proposedTerm: reader.u53(),
      origin: readText(reader, originBytesMax),
      accepted: readList(reader, (items) => ({ sequence: items.u53(), index: items.u53() })),
      refused: readList(reader, (items) => ({ sequence: items.u53(), reason: readChoice(items, refusals) })),
    }),
  },
  changeMembership: {
    write: ({ id, change }, writer) => {
      writer.text(id.origin).u53(id.sequence);
      writeChange(writer, change);
    },
    read: (reader, envelope) => ({
      type: 'changeMembership',
      ...envelope,
      id: readProposalId(reader),
      change: readChange(reader),
    }),
  },
  timeoutNow: {
    write: () => undefined,
    read: (_reader, envelope) => {
      check(envelope.term >= 1, 'a leader has a term');
      return { type: 'timeoutNow', ...envelope };
    },
  },
  progressRequest: {
    write: ({ request }, writer) => {
      writer.u53(request);
    },
    read: (reader, envelope) => ({ type: 'progressRequest', ...envelope, request: reader.u53() }),
  },
  progressResponse: progressResponseCodec,
  compareState: compareStateCodec,
  compareStateResponse: compareStateResponseCodec,
  stateDiverged: stateDivergedCodec,
  handOver: {
    write: ({ target }, writer) => {
      writer.text(target ?? '');
    },
    read: (reader, envelope) => {
      const target = readText(reader, nameBytesMax);
      return { type: 'handOver', ...envelope, target: target === '' ? null : target };
    },
  },
};
