import 'reflect-metadata';
import type { ConsoleLogger } from '@nestjs/common';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { Admission } from './cluster/admission.js';
import { MembershipWatch } from './cluster/membership-watch.js';
import { bindAddress } from './config/bind-address.js';
import type { Settings } from './config/settings.js';
import { storageOptions } from './consensus/consensus.module.js';
import { NodeLifecycle } from './consensus/node-lifecycle.js';
import type { Shown } from './consensus/node-lifecycle.js';
import { exitCodeOf } from './exit-codes.js';
import { configureHttp } from './http/configure-http.js';
import { createHttpAdapter } from './http/http-adapter.js';
import { warnOfLoopback } from './loopback-warning.js';
import { orListenError } from './listen-error.js';
import { Metrics } from './metrics/metrics.js';
import { observeHttp } from './metrics/observe-http.js';
import { createLogger } from './node-logger.js';
import { Shutdown } from './shutdown.js';
import { setAside } from './storage/set-aside.js';
import { StorageFailure } from './storage/storage-failure.js';
import { PeerServer } from './transport/peer-server.js';

/** Runs one node: the ports listen first, then the data are read back. */
export async function runNode(settings: Settings): Promise<void> {
  const logger = createLogger(settings);
  Logger.overrideLogger(logger);
  const shutdown = new Shutdown(logger, settings.shutdownTimeoutMs);
  try {
    await startNode({ settings, logger, shutdown });
  } catch (error) {
    if (shutdown.isUnderWay) {
      // Waiting for a cluster was broken off; the hooks end the process.
      return;
    }
    stopWith(logger, error);
  }
}

interface Run {
  readonly settings: Settings;
  readonly logger: ConsoleLogger;
  readonly shutdown: Shutdown;
  /** By the instance that this process was before, where it was one. */
  readonly shown?: Shown;
}

async function startNode(run: Run): Promise<void> {
  const { settings, logger, shown } = run;
  const app = await createNode(settings, logger);
  const lifecycle = app.get(NodeLifecycle);
  if (shown !== undefined) {
    lifecycle.continueFrom(shown);
  }
  await listen(app, settings);
  void Promise.race([lifecycle.whenFailed, app.get(StorageFailure).happened]).then((error) => {
    stopWith(logger, error);
  });
  void app.get(MembershipWatch).whenToJoinAnew.then((instanceId) => joinAnew(app, run, instanceId));
  await app.get(Admission).enter();
}

/** The cluster removed this instance, and the node is told to join: it does so as a new one. */
async function joinAnew(app: NestFastifyApplication, run: Run, instanceId: string): Promise<void> {
  const { settings, logger, shutdown } = run;
  try {
    await app.close();
    const shown = app.get(NodeLifecycle).shown();
    const place = await setAside(storageOptions(settings), instanceId);
    logger.warn(`the cluster has removed ${settings.id}: its data are set aside in ${place}`, 'Node');
    if (shutdown.isUnderWay) {
      process.exit(0);
    }
    await startNode({ ...run, shown });
  } catch (error) {
    stopWith(logger, error);
  }
}

async function createNode(settings: Settings, logger: ConsoleLogger): Promise<NestFastifyApplication> {
  const options = { abortOnError: false, logger };
  const root = AppModule.register(settings);
  const adapter = createHttpAdapter(settings);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest reads a plain object
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, options);
  configureHttp(app);
  observeHttp(adapter, app.get(Metrics));
  app.connectMicroservice<MicroserviceOptions>({ strategy: app.get(PeerServer) });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}

async function listen(app: NestFastifyApplication, settings: Settings): Promise<void> {
  const peers = bindAddress(settings.raftBind, settings.raddr);
  await orListenError({ what: 'peers', ...peers, settings: '-raddr and -raft-bind' }, () =>
    app.startAllMicroservices(),
  );
  const http = bindAddress(settings.httpBind, settings.haddr);
  await orListenError({ what: 'HTTP', ...http, settings: '-haddr and -http-bind' }, () =>
    app.listen(http.port, http.host),
  );
  await warnOfLoopback(settings);
  new Logger('Node').log(`HTTP on ${http.host}:${http.port}, peers on ${peers.host}:${peers.port}`);
}

/** The node cannot go on: one line says why, the code of the exit what kind of reason it is. */
function stopWith(logger: ConsoleLogger, error: unknown): void {
  const { exitCode, line } = exitCodeOf(error);
  logger.fatal(line, 'Node');
  process.exit(exitCode);
}
