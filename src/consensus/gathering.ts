/** Nobody waits longer for others than this, in milliseconds. */
const waitMsMax = 8;

export interface GatheringParts {
  readonly nowMs: () => number;
  /** How many callers wait in any way, those who were handed on before among them. */
  readonly waiting: () => number;
  /** Hands on whoever waits for it. */
  readonly handOn: () => void;
  /** Calls `work` once everything that is at hand now was looked at. */
  readonly nextTurn: (work: () => void) => void;
}

/**
 * Lets callers wait for each other while they come: what is handed on together is one write, one sync and one message to
 * each peer, and for one caller those take as long as for fifty.
 *
 * A turn of the event loop that brought a further caller, or answered some, who often come back in a moment, is followed by
 * another one; the first that did neither ends it. So a caller who is alone waits for the end of his turn only, and nobody for
 * a timer.
 */
export class Gathering {
  private isOpen = false;
  private isGrowing = false;
  private sinceMs = 0;
  private waitingBefore = 0;

  constructor(private readonly parts: GatheringParts) {}

  /** A caller waits to be handed on. */
  add(): void {
    if (this.isOpen) {
      this.isGrowing = true;
      return;
    }
    this.isOpen = true;
    this.sinceMs = this.parts.nowMs();
    this.waitForTurn();
  }

  private waitForTurn(): void {
    this.isGrowing = false;
    this.waitingBefore = this.parts.waiting();
    this.parts.nextTurn(() => {
      this.look();
    });
  }

  private look(): void {
    const { nowMs, waiting, handOn } = this.parts;
    const isBusy = this.isGrowing || waiting() < this.waitingBefore;
    if (isBusy && nowMs() - this.sinceMs < waitMsMax) {
      this.waitForTurn();
      return;
    }
    this.isOpen = false;
    handOn();
  }
}
