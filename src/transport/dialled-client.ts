import { ClientTCP } from '@nestjs/microservices';
import type { Address } from '../lib/address.js';
import { frameHeaderBytes } from './frame-assembler.js';
import { FrameSocket, frameSocketClass, peerPattern } from './frame-socket.js';
import type { LinkSetup, OutboundFrame } from './frame-socket.js';

interface DialledClientEvents {
  /** A packet arrived, as Nest's server would get it. */
  readonly received: (link: FrameSocket, packet: unknown) => void;
  /** The kernel took a payload: there may be room for the next. */
  readonly sent: () => void;
}

/**
 * Nest's TCP client for one connection: dials once and never again by itself.
 *
 * How the connection fares, its owner (`setup.owner`) learns from the socket; so nothing is logged here.
 */
export class DialledClient extends ClientTCP {
  /** Bytes that were given to {@link DialledClient.post} and not yet taken by the kernel. */
  unsentBytes = 0;

  /** @param address - Resolved when {@link DialledClient.dial} is called. */
  constructor(
    address: Address,
    setup: LinkSetup,
    private readonly events: DialledClientEvents,
  ) {
    super({ host: address.host, port: address.port, socketClass: frameSocketClass(() => setup) });
  }

  /** The connection, from {@link DialledClient.dial} to its end. */
  get link(): FrameSocket | null {
    return this.socket instanceof FrameSocket ? this.socket : null;
  }

  dial(): void {
    super.connect().catch(() => undefined);
  }

  /** Hands the payload over in the order of the calls. It is lost where the connection ends before. */
  post(payload: Uint8Array): void {
    const bytes = frameHeaderBytes + payload.length;
    this.unsentBytes += bytes;
    const frame: OutboundFrame = {
      payload,
      onSent: () => {
        this.unsentBytes -= bytes;
        this.events.sent();
      },
    };
    this.emit(peerPattern, frame);
  }

  /** Waits for the connection that there is; unlike Nest's, never makes one. */
  override connect(): Promise<unknown> {
    return this.connectionPromise ?? Promise.reject(new Error('not connected'));
  }

  override handleResponse(packet: unknown): Promise<void> {
    if (this.link !== null) {
      this.events.received(this.link, packet);
    }
    return Promise.resolve();
  }

  override handleError(): void {
    // The owner of the connection counts and logs its end, once.
  }
}
