import type { Socket } from 'node:net';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ServerTCP } from '@nestjs/microservices';
import type { MessageHandler } from '@nestjs/microservices';
import { AcceptedLinks } from './accepted-links.js';
import { FrameSocket, frameSocketClass } from './frame-socket.js';
import { QuietLog } from './quiet-log.js';
import { TRANSPORT_OPTIONS } from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/**
 * Listens to peers as the strategy of a Nest microservice:
 * `app.connectMicroservice({ strategy: app.get(PeerServer) })`.
 *
 * It is Nest's TCP server with frames of our own, a limit on connections, and a start that fails where the port
 * cannot be had.
 */
@Injectable()
export class PeerServer extends ServerTCP {
  private readonly log = new QuietLog(new Logger('PeerServer'));

  constructor(
    @Inject(TRANSPORT_OPTIONS) options: TransportOptions,
    private readonly links: AcceptedLinks,
  ) {
    super({ host: options.bindHost, port: options.bindPort, socketClass: frameSocketClass(() => links.setup()) });
  }

  /** The port that is listened on; null while none is. */
  get boundPort(): number | null {
    const address = this.server.address();
    return address === null || typeof address === 'string' ? null : address.port;
  }

  /** Calls back once: without an argument when it listens, or with the error. */
  override listen(callback: (error?: unknown) => void): void {
    const refused = (error: Error): void => {
      callback(error);
    };
    this.server.once('error', refused);
    this.server.listen(this.port, this.host, () => {
      this.server.off('error', refused);
      callback();
    });
  }

  override bindHandler(socket: Socket): void {
    if (!this.links.admit()) {
      socket.destroy();
      return;
    }
    this.trackOpenSocket(socket);
    const link = this.getSocketInstance(socket);
    if (link instanceof FrameSocket) {
      this.links.add(link);
    }
    link.on('message', (packet: unknown) => {
      this.receive(link, packet);
    });
  }

  /**
   * Hands a packet to the handlers that Nest registered here, in the order of the calls. Packets of connections that
   * this node dialled come here too.
   */
  receive(link: Parameters<ServerTCP['handleMessage']>[0], packet: unknown): void {
    this.handleMessage(link, packet).catch((error: unknown) => {
      this.handleError(error);
    });
  }

  /** Our one pattern is its own route: there is nothing to parse. */
  override getHandlerByPattern(pattern: string): MessageHandler | null {
    return this.messageHandlers.get(pattern) ?? null;
  }

  /** Trouble of single connections is counted and logged by {@link AcceptedLinks}; this is trouble of the port. */
  protected override handleError(error: unknown): void {
    if (this.server.listening) {
      this.log.warn('port', `peer port: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
