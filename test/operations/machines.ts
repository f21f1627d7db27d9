import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hosts, hostsEnvironment } from '../support/named-cluster.js';
import { NodeProcess, environmentWithoutSettings, program } from '../support/node-process.js';
import { notRunHere, programOf, turnsOf } from './page.js';
import type { Block, Turn } from './page.js';

const hostsMax = 20;

/** A machine of the page: a home folder, an address of the loopback network, and the node that runs there. */
export class Machine extends NodeProcess {
  constructor(
    name: string,
    ip: string,
    readonly home: string,
    env: Readonly<Record<string, string>>,
  ) {
    super({ id: name, http: `${ip}:8091`, raft: `${ip}:8089`, folder: join(home, '..') }, [], [], env);
  }
}

/**
 * The machines `host-01`, `host-02`, ... of the page, and one more where everything else is typed. The commands stay as they
 * are: `raftd` is on the path, and the names lead to addresses of this machine.
 */
export class Machines {
  private readonly machines = new Map<string, Machine>();
  private readonly env: Readonly<Record<string, string>>;

  /** @param folder - Of all files, also of the homes. */
  constructor(private readonly folder: string) {
    const hosts = new Hosts(folder);
    const names = Array.from({ length: hostsMax }, (_, place) => `host-${String(place + 1).padStart(2, '0')}`);
    hosts.set(Object.fromEntries(names.map((name, place) => [name, address(place + 1)])));
    this.writeProgram('raftd', `exec '${process.execPath}' '${program}' "$@"`);
    this.writeProgram('scp', `cp "$1" "${folder}/\${2%:}/"`);
    this.env = { ...hostsEnvironment(hosts), PATH: `${folder}/bin:${process.env.PATH ?? ''}` };
    const resolve = names.flatMap((name, place) =>
      [8091, 8089].map((port) => `resolve = "${name}:${port}:${address(place + 1)}"`),
    );
    ['desk', ...names].forEach((name, place) => {
      const home = join(folder, name);
      mkdirSync(home);
      writeFileSync(join(home, '.curlrc'), ['noproxy = "*"', ...resolve, ''].join('\n'));
      this.machines.set(name, new Machine(name, address(place), home, { ...this.env, HOME: home }));
    });
  }

  machine(name: string): Machine {
    const found = this.machines.get(name);
    if (found === undefined) {
      throw new Error(`there is no machine ${name}`);
    }
    return found;
  }

  /** Runs a block of the page as it stands. @returns What each command printed. @throws where one fails. */
  async run(block: Block): Promise<string[]> {
    const outputs: string[] = [];
    for (const turn of turnsOf(block)) {
      outputs.push(...(await this.take(turn)));
    }
    return outputs;
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.machines.values()].map((machine) => machine.stop('SIGKILL')));
  }

  /** Lines that run a node leave it running; the others are run to their end. */
  private async take({ host, isStopped, lines }: Turn): Promise<string[]> {
    const machine = this.machine(host ?? 'desk');
    if (isStopped && ![0, null].includes(await machine.stop('SIGTERM'))) {
      throw new Error(`the node of ${machine.id} does not stop well; see ${machine.logFile}`);
    }
    const outputs: string[] = [];
    for (const line of lines.filter((each) => !notRunHere.has(programOf(each)))) {
      if (line.startsWith('raftd -')) {
        this.startNode(machine, host, line);
      } else {
        outputs.push(await this.shell(machine, line));
      }
    }
    return outputs;
  }

  private startNode(machine: Machine, host: string | null, line: string): void {
    if (host === null || machine.pid !== null) {
      throw new Error(`${line}: no machine is named for it, or one that runs a node already`);
    }
    const words = line.split(' ').slice(1);
    machine.startAs(words.map((word) => word.replace(/^~/, machine.home)));
  }

  private shell(machine: Machine, line: string): Promise<string> {
    const env = { ...environmentWithoutSettings(), ...this.env, HOME: machine.home };
    return new Promise((resolve, reject) => {
      execFile('sh', ['-ec', line], { env, cwd: machine.home }, (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
        } else {
          reject(new Error(`${line}\nends with ${String(error.code)}: ${stderr}${stdout}`));
        }
      });
    });
  }

  private writeProgram(name: string, script: string): void {
    const bin = join(this.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

/** The ports of the page are given, so the network is one that no other process of these tests uses. */
function address(host: number): string {
  return `127.${64 + ((process.pid >> 8) & 0x7f)}.${process.pid & 0xff}.${host + 1}`;
}
