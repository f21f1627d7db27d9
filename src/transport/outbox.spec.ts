import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Message } from '../raft/index.js';
import { estimateBytes } from './message-codec.js';
import { Outbox } from './outbox.js';
import { PeerStats } from './peer-stats.js';

const envelope = { from: 'a', fromInstance: 'i', to: 'b', term: 1 };

function heartbeat(round: number): Message {
  return { type: 'heartbeat', ...envelope, leaderCommit: 0, round };
}

function vote(lastLogIndex: number): Message {
  return { type: 'requestVote', ...envelope, preVote: false, lastLogIndex, lastLogTerm: 1, leaderTransfer: false };
}

function outbox(limits: { bytesMax?: number; messagesMax?: number }): { box: Outbox; stats: PeerStats } {
  const stats = new PeerStats();
  return { box: new Outbox({ bytesMax: 1e9, messagesMax: 1000, ageMaxMs: 100, ...limits }, stats), stats };
}

function drain(box: Outbox, nowMs = 0): Message[] {
  const messages: Message[] = [];
  for (let next = box.shift(nowMs); next !== undefined; next = box.shift(nowMs)) {
    messages.push(next);
  }
  return messages;
}

describe('Outbox', () => {
  it('keeps the order of all messages', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (kinds) => {
        const { box } = outbox({});
        const messages = kinds.map((isHeartbeat, number) => (isHeartbeat ? heartbeat(number) : vote(number)));
        messages.forEach((message) => {
          box.push(message, 0);
        });
        expect(drain(box)).toEqual(messages);
        expect(box.bytes).toBe(0);
      }),
    );
  });

  it('drops the oldest heartbeat first, then the oldest message', () => {
    const { box, stats } = outbox({ messagesMax: 3 });
    [vote(1), heartbeat(1), vote(2), heartbeat(2), vote(3), vote(4)].forEach((message) => {
      box.push(message, 0);
    });

    expect(drain(box)).toEqual([vote(2), vote(3), vote(4)]);
    expect(stats.dropped.get('outboxFull')).toBe(3);
  });

  it('stays below its limit of bytes', () => {
    const size = estimateBytes(vote(1));
    const { box } = outbox({ bytesMax: size * 2 });
    [vote(1), vote(2), vote(3)].forEach((message) => {
      box.push(message, 0);
    });

    expect(box.bytes).toBe(size * 2);
    expect(drain(box)).toEqual([vote(2), vote(3)]);
  });

  it('drops what waited too long', () => {
    const { box, stats } = outbox({});
    box.push(vote(1), 0);
    box.push(heartbeat(1), 50);
    box.push(vote(2), 60);

    expect(drain(box, 151)).toEqual([vote(2)]);
    expect(stats.dropped.get('stale')).toBe(2);
    expect(box.length).toBe(0);
  });

  // A queue that moves its items for each one that leaves would take minutes.
  it('costs the same for each of very many messages', () => {
    const { box } = outbox({ messagesMax: 200_000 });
    for (let number = 0; number < 200_000; number += 1) {
      box.push(vote(number), 0);
    }

    expect(drain(box)).toHaveLength(200_000);
  });
});
