import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LinkProbe } from './link-probe.js';
import { acceptedSilentProbesMax, dialledSilentProbesMax, probeIntervalMs } from './transport-options.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function probe(role: 'dialled' | 'accepted'): { link: LinkProbe; send: jest.Mock; silent: jest.Mock } {
  const send = jest.fn();
  const silent = jest.fn();
  const link = new LinkProbe(role, { send, silent });
  link.start();
  return { link, send, silent };
}

describe('LinkProbe', () => {
  it('gives up a dialled connection after some intervals of silence', () => {
    const { send, silent } = probe('dialled');
    jest.advanceTimersByTime(probeIntervalMs * dialledSilentProbesMax);
    expect(send).toHaveBeenCalledTimes(dialledSilentProbesMax);
    expect(silent).not.toHaveBeenCalled();

    jest.advanceTimersByTime(probeIntervalMs);
    expect(silent).toHaveBeenCalledTimes(1);
  });

  it('keeps a connection on which bytes of any kind arrive', () => {
    const { link, silent } = probe('dialled');
    for (let interval = 0; interval < 100; interval += 1) {
      jest.advanceTimersByTime(probeIntervalMs);
      link.heard();
    }

    expect(silent).not.toHaveBeenCalled();
  });

  // Both sides would otherwise keep a connection alive that neither needs to hear of.
  it('answers on an accepted connection only what was heard', () => {
    const { link, send, silent } = probe('accepted');
    link.heard();
    jest.advanceTimersByTime(probeIntervalMs);
    expect(send).toHaveBeenCalledTimes(1);

    jest.advanceTimersByTime(probeIntervalMs * (acceptedSilentProbesMax - 1));
    expect(send).toHaveBeenCalledTimes(1);
    expect(silent).not.toHaveBeenCalled();
    jest.advanceTimersByTime(probeIntervalMs);
    expect(silent).toHaveBeenCalledTimes(1);
  });

  it('does nothing once it is stopped', () => {
    const { link, send, silent } = probe('dialled');
    link.stop();
    jest.advanceTimersByTime(probeIntervalMs * 100);

    expect(send).not.toHaveBeenCalled();
    expect(silent).not.toHaveBeenCalled();
  });
});
