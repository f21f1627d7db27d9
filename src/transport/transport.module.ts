import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { PeerTransport } from '../ports/peer-transport.port.js';
import { AcceptedLinks } from './accepted-links.js';
import { PeerServer } from './peer-server.js';
import { PeerStats } from './peer-stats.js';
import { RaftMessageController } from './raft-message.controller.js';
import { TcpPeerTransport } from './tcp-peer-transport.js';
import { TRANSPORT_OPTIONS } from './transport-options.js';
import type { TransportOptions } from './transport-options.js';

/**
 * Peer messages over Nest's TCP transport: {@link PeerTransport} to send and receive, {@link PeerServer} for
 * `connectMicroservice`, {@link PeerStats} to look at.
 */
@Module({})
export class TransportModule {
  static register(options: TransportOptions): DynamicModule {
    return {
      module: TransportModule,
      controllers: [RaftMessageController],
      providers: [
        { provide: TRANSPORT_OPTIONS, useValue: options },
        PeerStats,
        AcceptedLinks,
        PeerServer,
        TcpPeerTransport,
        { provide: PeerTransport, useExisting: TcpPeerTransport },
      ],
      exports: [PeerTransport, PeerServer, PeerStats],
    };
  }
}
