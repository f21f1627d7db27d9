import { decodeText } from '../../src/lib/bytes.js';
import { StateMachine } from '../../src/ports/state-machine.port.js';
import type { AppliedCommand, StateRestore, StateSize } from '../../src/ports/state-machine.port.js';

/** The commands applied so far, as `index=text`; its checksum is all of them. */
export class TextStateMachine extends StateMachine {
  readonly texts: string[] = [];
  /** Settable: the command at this index leaves another state here than elsewhere. */
  flawedIndex: number | null = null;

  override apply({ index, data }: AppliedCommand): unknown {
    this.texts.push(`${index}=${index === this.flawedIndex ? 'flawed' : decodeText(data)}`);
    return null;
  }

  override checksum(): string {
    return this.texts.join(' ');
  }

  override revision(): number {
    return this.texts.length;
  }

  override snapshot(): Iterable<Uint8Array> {
    return [];
  }

  override size(): StateSize {
    return { records: 0, bytes: 0 };
  }

  override startRestore(): StateRestore {
    return { add: () => undefined, verify: () => undefined, finish: () => undefined };
  }

  override reset(): void {
    this.texts.length = 0;
  }

  override mayUseReserve(): boolean {
    return false;
  }
}
