import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A connection that was idle for longer, in milliseconds, is not used again: the server may be closing it. */
const IDLE_MS_MAX = 30_000;

/** What came back for one request. */
export interface Answer {
  /** 0: none, the connection ended before. */
  readonly status: number;
  /** Seconds; null: the answer has none. */
  readonly retryAfter: number | null;
  /** When the request left on a connection, as `performance.now()` counts; NaN: never. */
  readonly sentMs: number;
}

/** Connections that are opened at a time: a server lets few wait to be taken in, and a dropped one tries again seconds later. */
const OPENED_AT_ONCE = 100;

/** What was read last, on whichever connection: it is looked at before anything else is read. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);

type Done = (answer: Answer) => void;

/**
 * Connections to one server, one request at a time on each; a request that finds none free waits for one.
 *
 * It sends bytes that were made before and looks at no more of an answer than it must, so that it takes a fraction of the
 * time of a server: a client that starves measures itself.
 */
export class ClientPool {
  private readonly idle: Connection[] = [];
  private readonly all = new Set<Connection>();
  private waiting: { readonly raw: Uint8Array; readonly done: Done }[] = [];
  private nextWaiting = 0;
  private readonly address: { readonly host: string; readonly port: number };

  /** @param url - Without a slash at its end. */
  constructor(
    url: string,
    private readonly connectionsMax: number,
  ) {
    const { hostname, port } = new URL(url);
    this.address = { host: hostname, port: Number(port) };
  }

  /** Opens all connections before there is anything to send; one that the server does not keep is opened anew when needed. */
  async open(): Promise<void> {
    for (let left = this.connectionsMax; left > 0; left -= OPENED_AT_ONCE) {
      const opened = Array.from({ length: Math.min(OPENED_AT_ONCE, left) }, () => this.connect());
      await Promise.all(opened.map((connection) => connection.opened));
      this.idle.push(...opened.filter((connection) => this.all.has(connection)));
    }
    const nowMs = performance.now();
    for (const connection of this.idle) {
      connection.idleSinceMs = nowMs;
    }
  }

  /** Sends one request; `done` is called once, also when the connection ends. */
  send(raw: Uint8Array, done: Done): void {
    const connection = this.freeConnection();
    if (connection === null) {
      this.waiting.push({ raw, done });
    } else {
      connection.send(raw, done);
    }
  }

  /** Ends every connection: who still waits is told that there is no answer. */
  close(): void {
    const left = this.waiting.slice(this.nextWaiting);
    this.waiting = [];
    this.nextWaiting = 0;
    for (const connection of this.all) {
      connection.end();
    }
    for (const { done } of left) {
      done({ status: 0, retryAfter: null, sentMs: NaN });
    }
  }

  private freeConnection(): Connection | null {
    const nowMs = performance.now();
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (nowMs - connection.idleSinceMs <= IDLE_MS_MAX) {
        return connection;
      }
      connection.end();
    }
    return this.all.size < this.connectionsMax ? this.connect() : null;
  }

  private connect(): Connection {
    const connection: Connection = new Connection(this.address, {
      free: () => {
        this.giveWork(connection);
      },
      ended: () => {
        this.forget(connection);
      },
    });
    this.all.add(connection);
    return connection;
  }

  private giveWork(connection: Connection): void {
    const next = this.takeWaiting();
    if (next === null) {
      this.idle.push(connection);
    } else {
      connection.send(next.raw, next.done);
    }
  }

  private forget(connection: Connection): void {
    this.all.delete(connection);
    const place = this.idle.indexOf(connection);
    if (place >= 0) {
      this.idle.splice(place, 1);
    }
    const next = this.takeWaiting();
    if (next !== null) {
      this.connect().send(next.raw, next.done);
    }
  }

  private takeWaiting(): { readonly raw: Uint8Array; readonly done: Done } | null {
    const next = this.waiting[this.nextWaiting];
    this.nextWaiting += next === undefined ? 0 : 1;
    if (this.nextWaiting === this.waiting.length) {
      this.waiting = [];
      this.nextWaiting = 0;
    }
    return next ?? null;
  }
}

interface Owner {
  /** The last request was answered, and another one may follow. */
  readonly free: () => void;
  readonly ended: () => void;
}

class Connection {
  idleSinceMs = 0;
  /** Resolves when it came about, or did not. */
  readonly opened: Promise<void>;
  private done: Done | null = null;
  private sentMs = NaN;
  private text = '';
  private readonly socket: Socket;

  constructor(
    address: { readonly host: string; readonly port: number },
    private readonly owner: Owner,
  ) {
    const socket = connect({
      ...address,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.take(readBuffer.toString('latin1', 0, length));
          return true;
        },
      },
    });
    this.socket = socket;
    // What went wrong does not matter: the event that follows says that the connection ended.
    socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', () => {
        resolve();
      });
    });
    socket.once('close', () => {
      owner.ended();
      this.settle(0, null);
    });
  }

  send(raw: Uint8Array, done: Done): void {
    this.done = done;
    this.sentMs = performance.now();
    this.socket.write(raw);
  }

  end(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.text += chunk;
    const answer = answerIn(this.text);
    if (answer === null) {
      return;
    }
    this.text = '';
    this.idleSinceMs = performance.now();
    this.settle(answer.status, answer.retryAfter);
    if (answer.closes) {
      this.end();
    } else {
      this.owner.free();
    }
  }

  private settle(status: number, retryAfter: number | null): void {
    const { done, sentMs } = this;
    this.done = null;
    done?.({ status, retryAfter, sentMs });
  }
}

/**
 * The answer that `text` holds, null while it is not whole.
 *
 * @throws Error where it does not say how long it is: such servers are not measured.
 */
export function answerIn(text: string): (Omit<Answer, 'sentMs'> & { readonly closes: boolean }) | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    return null;
  }
  const head = text.slice(0, headEnd).toLowerCase();
  const length = bodyLength(head);
  if (text.length < headEnd + 4 + length) {
    return null;
  }
  return {
    status: Number(head.slice(9, 12)),
    retryAfter: numberOf(head, retryAfterHeader),
    closes: head.includes('\r\nconnection: close'),
  };
}

const retryAfterHeader = /\r\nretry-after: *(\d+)/;
const lengthHeader = /\r\ncontent-length: *(\d+)/;

function bodyLength(head: string): number {
  const length = numberOf(head, lengthHeader);
  if (length === null) {
    throw new Error(`an answer does not say its length:\n${head}`);
  }
  return length;
}

function numberOf(head: string, header: RegExp): number | null {
  const text = header.exec(head)?.[1];
  return text === undefined ? null : Number(text);
}
