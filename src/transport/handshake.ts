import type { ForeignGreeting, LocalIdentity } from '../ports/peer-transport.port.js';
import type { InstanceId, NodeId } from '../raft/index.js';
import { decodeGreeting, encodeHello, encodeRefusal, judgeHello, ownVersions } from './hello.js';
import type { ChannelKind, Hello } from './hello.js';
import type { RefusalReason } from './link-fault.js';

/**
 * What the first frame of the other side leads to; `answer` is sent first where there is one.
 *
 * `refused.by`: which side turned the other away.
 */
export type Verdict =
  | { readonly kind: 'accepted'; readonly peer: Hello; readonly answer: Uint8Array | null }
  | {
      readonly kind: 'refused';
      readonly by: 'us' | 'peer';
      readonly reason: RefusalReason;
      /** What the other side calls itself; null where it did not say. */
      readonly from: NodeId | null;
      readonly answer: Uint8Array | null;
    };

/** One side of the exchange of greetings on one connection. */
export interface Handshake {
  /** What this side sends as soon as it is connected; null: it waits for the other. */
  opening(): Uint8Array | null;
  /** @throws MalformedBytesError when the bytes are no greeting. */
  judge(firstFrame: Uint8Array): Verdict;
}

/** The node that a connection is meant for. */
export interface DialledNode {
  readonly nodeId: NodeId;
  /** Null: any, for a member that has not introduced itself yet. */
  readonly instanceId: InstanceId | null;
}

/** The side that dialled `node` as `own`, which belongs to a cluster. */
export function diallerHandshake(
  own: LocalIdentity & { readonly clusterId: string },
  node: DialledNode,
  channel: ChannelKind,
): Handshake {
  return {
    opening: () => encodeHello(helloOf(own, node, channel)),
    judge: (firstFrame) => {
      const greeting = decodeGreeting(firstFrame);
      if (greeting.kind === 'refusal') {
        return { kind: 'refused', by: 'peer', reason: greeting.reason, from: null, answer: null };
      }
      const reason = greeting.kind === 'hello' ? judgeAnswer(own, node, greeting.hello) : 'protocolVersion';
      if (greeting.kind !== 'hello' || reason !== null) {
        const from = greeting.kind === 'hello' ? greeting.hello.nodeId : null;
        return { kind: 'refused', by: 'us', reason: reason ?? 'protocolVersion', from, answer: null };
      }
      return { kind: 'accepted', peer: greeting.hello, answer: null };
    },
  };
}

/**
 * The side that was dialled.
 *
 * @param own - Who this node is when the greeting arrives; null before it knows.
 * @param onForeign - Called for a greeting that names this node and comes from a cluster that it is not in.
 */
export function acceptorHandshake(
  own: () => LocalIdentity | null,
  onForeign: (greeting: ForeignGreeting) => void,
): Handshake {
  return {
    opening: () => null,
    judge: (firstFrame) => {
      const greeting = decodeGreeting(firstFrame);
      if (greeting.kind === 'refusal') {
        return { kind: 'refused', by: 'peer', reason: greeting.reason, from: null, answer: null };
      }
      if (greeting.kind === 'otherVersion') {
        return refusal('protocolVersion', null);
      }
      return judgeGreeting(own(), greeting.hello, onForeign);
    },
  };
}

function judgeGreeting(
  own: LocalIdentity | null,
  hello: Hello,
  onForeign: (greeting: ForeignGreeting) => void,
): Verdict {
  if (own === null) {
    return refusal('noCluster', hello.nodeId);
  }
  const reason = judgeHello(own, hello);
  if ((reason === 'noCluster' || reason === 'foreignCluster') && hello.toNodeId === own.nodeId) {
    const { clusterId, nodeId, toInstanceId } = hello;
    onForeign({ clusterId, fromNodeId: nodeId, expectedInstanceId: toInstanceId });
  }
  if (reason !== null || own.clusterId === null) {
    return refusal(reason ?? 'noCluster', hello.nodeId);
  }
  const answer = helloOf({ ...own, clusterId: own.clusterId }, hello, hello.channel);
  return { kind: 'accepted', peer: hello, answer: encodeHello(answer) };
}

function judgeAnswer(own: LocalIdentity, node: DialledNode, hello: Hello): RefusalReason | null {
  if (hello.nodeId !== node.nodeId) {
    return 'otherNode';
  }
  if (node.instanceId !== null && hello.instanceId !== node.instanceId) {
    return 'otherInstance';
  }
  return judgeHello(own, hello);
}

function helloOf(own: LocalIdentity & { readonly clusterId: string }, to: DialledNode, channel: ChannelKind): Hello {
  return {
    versions: ownVersions,
    clusterId: own.clusterId,
    nodeId: own.nodeId,
    instanceId: own.instanceId,
    toNodeId: to.nodeId,
    toInstanceId: to.instanceId,
    channel,
  };
}

function refusal(reason: RefusalReason, from: NodeId | null): Verdict {
  return { kind: 'refused', by: 'us', reason, from, answer: encodeRefusal(reason) };
}
