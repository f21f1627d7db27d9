import { assert } from '../../src/lib/assert.js';
import { formatEntry } from '../../src/raft/index.js';
import type { Entry, LogIndex, NodeId, Ready, Term } from '../../src/raft/index.js';
import type { TestNode } from './raft-node.js';

/**
 * The properties of Figure 3 that no node can see alone, watched over a whole cluster and all restarts.
 *
 * Give it every Ready of every node.
 */
export class RaftSafety {
  private readonly leaders = new Map<Term, NodeId>();
  private readonly entries = new Map<string, string>();
  private readonly committed = new Map<LogIndex, string>();

  readonly watch = (node: TestNode, ready: Ready): void => {
    if (node.state.isLeader) {
      this.watchLeader(node);
    }
    for (const entry of ready.write?.entries ?? []) {
      this.watchAppended(node, entry);
    }
    for (const entry of ready.committed) {
      const known = this.committed.get(entry.index) ?? formatEntry(entry);
      assert(known === formatEntry(entry), `State Machine Safety: ${known} and ${formatEntry(entry)} are committed`);
      this.committed.set(entry.index, known);
    }
  };

  /** What is committed anywhere, lowest index first. */
  get committedEntries(): string[] {
    return [...this.committed.entries()].sort(([left], [right]) => left - right).map(([, entry]) => entry);
  }

  private watchLeader(node: TestNode): void {
    const { currentTerm, log } = node.state;
    const leader = this.leaders.get(currentTerm);
    assert(leader === undefined || leader === node.id, `Election Safety: ${leader ?? ''} and ${node.id} lead one term`);
    if (leader !== undefined) {
      return;
    }
    this.leaders.set(currentTerm, node.id);
    for (const [index, entry] of this.committed) {
      const own = log.entry(index);
      const isKept = own === undefined ? index < log.firstIndex : formatEntry(own) === entry;
      assert(isKept, `Leader Completeness: ${node.id} leads without ${entry}`);
    }
  }

  private watchAppended(node: TestNode, entry: Entry): void {
    const position = `${entry.index}:${entry.term}`;
    const before = node.state.log.termAt(entry.index - 1);
    const text = `${formatEntry(entry)} after term ${before ?? '?'}`;
    const known = this.entries.get(position) ?? text;
    assert(before === undefined || known === text, `Log Matching: ${known} and ${text}`);
    this.entries.set(position, text);
  }
}
