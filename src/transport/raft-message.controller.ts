import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { MalformedBytesError, NewerFormatError } from '../lib/bytes.js';
import type { Message } from '../raft/index.js';
import { peerPattern } from './frame-socket.js';
import type { InboundFrame } from './frame-socket.js';
import { decodeMessage } from './message-codec.js';
import { TcpPeerTransport } from './tcp-peer-transport.js';

/** Where Nest delivers what peers send: turns each frame into a message and hands it on. */
@Controller()
export class RaftMessageController {
  constructor(private readonly transport: TcpPeerTransport) {}

  /** Runs to its end in one turn, so messages are handed on in the order in which their frames arrived. */
  @EventPattern(peerPattern)
  receive(@Payload() { link, payload }: InboundFrame): void {
    const { peer } = link;
    if (!link.isOpen || peer === null) {
      return;
    }
    const message = decode(payload);
    if (message === 'malformedMessage' || message === 'unknownMessage') {
      link.fail(message);
    } else if (message.from !== peer.nodeId || message.fromInstance !== peer.instanceId) {
      link.fail('wrongSender');
    } else if (message.to !== this.transport.nodeId) {
      link.fail('wrongReceiver');
    } else {
      this.transport.deliver(message);
    }
  }
}

function decode(payload: Uint8Array): Message | 'malformedMessage' | 'unknownMessage' {
  try {
    return decodeMessage(payload);
  } catch (error) {
    if (error instanceof MalformedBytesError) {
      return error instanceof NewerFormatError ? 'unknownMessage' : 'malformedMessage';
    }
    throw error;
  }
}
