import fc from 'fast-check';
import { Configuration, encodeConfiguration } from '../../src/raft/index.js';
import type { Divergence, Entry, Member, MembershipChange, Message, SnapshotMetadata } from '../../src/raft/index.js';

const number = fc.oneof(fc.nat(), fc.maxSafeNat());
/** Leaves room for what a message adds to it. */
const index = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 }));
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const instance = fc.oneof(fc.constant(''), name);
const address = fc.stringMatching(/^[a-z0-9.-]{1,20}:[1-9][0-9]{0,3}$/);
const data = fc.uint8Array({ maxLength: 64 });
const proposalId = fc.record({ origin: name, sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) });

const member: fc.Arbitrary<Member> = fc.record({
  id: name,
  instanceId: instance,
  httpAddr: address,
  raftAddr: address,
  role: fc.constantFrom('voter' as const, 'learner' as const),
  promote: fc.boolean(),
});

const configuration = fc
  .uniqueArray(member, { selector: ({ id }) => id, maxLength: 5 })
  .map((members) => new Configuration(members));

const change: fc.Arbitrary<MembershipChange> = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    member: fc.record({
      id: name,
      instanceId: fc.option(instance),
      httpAddr: address,
      raftAddr: address,
      promote: fc.boolean(),
    }),
    replace: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('promote' as const), id: name, instanceId: instance }),
  fc.record({ kind: fc.constant('remove' as const), id: name }),
);

const envelope = { from: name, fromInstance: name, to: name };

function messageOf<T extends Message['type']>(
  type: T,
  fields: {
    [Field in Exclude<keyof Extract<Message, { type: T }>, 'type'>]: fc.Arbitrary<Extract<Message, { type: T }>[Field]>;
  },
): fc.Arbitrary<Message> {
  return fc.record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<Message>;
}

/** Terms and times that never go down, from the steps between them. */
const appendEntries: fc.Arbitrary<Message> = fc
  .record({
    ...envelope,
    prevLogIndex: index,
    prevLogTerm: fc.integer({ min: 1, max: 1000 }),
    aboveLast: fc.nat(5),
    leaderCommit: number,
    steps: fc.array(
      fc.record({
        term: fc.nat(3),
        time: fc.nat(1000),
        proposal: fc.option(proposalId),
        content: fc.oneof(
          fc.record({ kind: fc.constant('command' as const), data }),
          fc.record({ kind: fc.constant('noop' as const), data: fc.constant(new Uint8Array(0)) }),
          configuration.map((members) => ({ kind: 'configuration' as const, data: encodeConfiguration(members) })),
        ),
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ steps, aboveLast, prevLogIndex, prevLogTerm, ...rest }) => {
    const entries: Entry[] = [];
    let term = prevLogIndex === 0 ? 1 : prevLogTerm;
    let timeMs = 0;
    for (const [position, step] of steps.entries()) {
      term += step.term;
      timeMs += step.time;
      entries.push({ index: prevLogIndex + 1 + position, term, timeMs, proposal: step.proposal, ...step.content });
    }
    return {
      type: 'appendEntries',
      ...rest,
      term: term + aboveLast,
      prevLogIndex,
      prevLogTerm: prevLogIndex === 0 ? 0 : prevLogTerm,
      entries,
    };
  });

const installSnapshot: fc.Arbitrary<Message> = fc
  .record({
    ...envelope,
    term: fc.integer({ min: 1, max: 1000 }),
    configuration,
    lastIncludedIndex: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    lastIncludedTimeMs: number,
    chunk: fc.nat(1000),
    moreChunks: fc.integer({ min: 1, max: 1000 }),
    moreBytes: fc.nat(),
    data,
  })
  .map(({ configuration: members, lastIncludedIndex, lastIncludedTimeMs, moreChunks, moreBytes, ...rest }) => {
    const snapshot: SnapshotMetadata = {
      lastIncludedIndex,
      lastIncludedTerm: rest.term,
      lastIncludedTimeMs,
      configuration: members,
      chunkCount: rest.chunk + moreChunks,
      byteCount: rest.data.length + moreBytes,
    };
    return { type: 'installSnapshot', ...rest, snapshot };
  });

const anyTerm = { ...envelope, term: number };
const leaderTerm = { ...envelope, term: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) };

const digest = fc.stringMatching(/^[0-9a-f]{1,16}$/);

/** A divergence of members with these ids. */
function divergenceOf(ids: readonly fc.Arbitrary<string>[]): fc.Arbitrary<Divergence> {
  return fc.record({
    index: number,
    majorityChecksum: fc.option(digest.map((text) => `m${text}`)),
    members: fc.tuple(...ids.map((id) => fc.record({ id, instanceId: name, checksum: digest }))),
    ageMs: number,
  });
}

const divergences = fc
  .uniqueArray(name, { maxLength: 4 })
  .chain((ids) => fc.tuple(...ids.map((id) => divergenceOf([fc.constant(id)]))));

/** Well-formed messages, by type. */
export const arbitraryMessages: Record<Message['type'], fc.Arbitrary<Message>> = {
  requestVote: fc
    .record({ ...anyTerm, preVote: fc.boolean(), lastLogIndex: number, leaderTransfer: fc.boolean() })
    .map((rest) => ({ type: 'requestVote', ...rest, lastLogTerm: rest.lastLogIndex === 0 ? 0 : rest.term })),
  requestVoteResponse: messageOf('requestVoteResponse', { ...anyTerm, preVote: fc.boolean(), granted: fc.boolean() }),
  appendEntries,
  appendEntriesResponse: messageOf('appendEntriesResponse', {
    ...anyTerm,
    success: fc.boolean(),
    prevLogIndex: number,
    matchIndex: number,
    hintIndex: number,
    hintTerm: number,
  }),
  heartbeat: messageOf('heartbeat', { ...leaderTerm, leaderCommit: number, round: number }),
  heartbeatResponse: messageOf('heartbeatResponse', {
    ...anyTerm,
    round: number,
    storageFull: fc.boolean(),
    durableIndex: number,
  }),
  installSnapshot,
  installSnapshotResponse: messageOf('installSnapshotResponse', {
    ...anyTerm,
    snapshotIndex: number,
    snapshotTerm: number,
    nextChunk: number,
    installed: fc.boolean(),
  }),
  readIndexRequest: messageOf('readIndexRequest', {
    ...anyTerm,
    batch: number,
    confirmation: fc.constantFrom('quorum' as const, 'contact' as const),
  }),
  progressRequest: messageOf('progressRequest', { ...anyTerm, request: number }),
  progressResponse: messageOf('progressResponse', {
    ...anyTerm,
    request: number,
    members: fc.option(
      fc.array(fc.record({ id: name, matchIndex: number, lastContactMs: fc.option(number), healthy: fc.boolean() }), {
        maxLength: 5,
      }),
    ),
  }),
  readIndexResponse: messageOf('readIndexResponse', { ...anyTerm, batch: number, readIndex: fc.option(number) }),
  propose: messageOf('propose', {
    ...anyTerm,
    proposals: fc.array(fc.record({ id: proposalId, data }), { maxLength: 5 }),
  }),
  proposeResponse: messageOf('proposeResponse', {
    ...anyTerm,
    proposedTerm: number,
    origin: name,
    accepted: fc.array(fc.record({ sequence: number, index: number }), { maxLength: 5 }),
    refused: fc.array(
      fc.record({
        sequence: number,
        reason: fc.constantFrom(
          'notLeader' as const,
          'overloaded' as const,
          'transferring' as const,
          'changeInProgress' as const,
          'conflict' as const,
          'notReady' as const,
          'storageFull' as const,
          'unknownMember' as const,
          'lastVoter' as const,
          'quorumAtRisk' as const,
        ),
      }),
      { maxLength: 5 },
    ),
  }),
  changeMembership: messageOf('changeMembership', { ...anyTerm, id: proposalId, change }),
  timeoutNow: messageOf('timeoutNow', leaderTerm),
  handOver: messageOf('handOver', { ...anyTerm, target: fc.option(name) }),
  compareState: messageOf('compareState', {
    ...leaderTerm,
    round: number,
    index: number,
    findings: fc.record({ comparedIndex: number, divergences }),
  }),
  compareStateResponse: messageOf('compareStateResponse', {
    ...anyTerm,
    round: number,
    index: number,
    checksum: fc.option(digest),
  }),
  stateDiverged: messageOf('stateDiverged', { ...leaderTerm, round: number, divergence: divergenceOf([name]) }),
};

/** Any well-formed message. */
export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(arbitraryMessages));
