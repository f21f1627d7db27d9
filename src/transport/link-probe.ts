import { acceptedSilentProbesMax, dialledSilentProbesMax, probeIntervalMs } from './transport-options.js';

interface LinkProbeActions {
  /** Sends a sign of life. */
  send(): void;
  /** Nothing was heard for too long. */
  silent(): void;
}

/**
 * Finds out that the other side of a connection is gone although nobody closed it: a cut link, a dead machine.
 *
 * TCP itself would take minutes, and after the link is healed would try again at its own slow pace. Whoever dialled
 * sends a sign of life in each interval; whoever was dialled answers bytes of any kind with one, so that a long
 * message on a slow link counts as life from its first byte on. Silence is counted in intervals and not in time: a
 * process that was stopped for a while does not wake up to the belief that everybody else was.
 */
export class LinkProbe {
  private readonly silentProbesMax: number;
  private timer: NodeJS.Timeout | null = null;
  private silentProbes = 0;

  constructor(
    private readonly role: 'dialled' | 'accepted',
    private readonly actions: LinkProbeActions,
  ) {
    this.silentProbesMax = role === 'dialled' ? dialledSilentProbesMax : acceptedSilentProbesMax;
  }

  start(): void {
    this.timer ??= setInterval(() => {
      this.tick();
    }, probeIntervalMs);
  }

  stop(): void {
    clearInterval(this.timer ?? undefined);
    this.timer = null;
  }

  /** Bytes arrived. */
  heard(): void {
    this.silentProbes = 0;
  }

  private tick(): void {
    if (this.silentProbes >= this.silentProbesMax) {
      this.actions.silent();
      return;
    }
    if (this.role === 'dialled' || this.silentProbes === 0) {
      this.actions.send();
    }
    this.silentProbes += 1;
  }
}
