#!/usr/bin/env node
import { readCommandLine } from './config/command-line.js';
import { letHeapDouble } from './heap-growth.js';
import { loadNode } from './load-node.js';
import { endAtOnceOnSignals } from './shutdown.js';
import { prepareWorker } from './storage/prepared-worker.js';

const commandLine = readCommandLine(process.argv.slice(2), process.env);
if (commandLine.kind === 'exit') {
  (commandLine.exitCode === 0 ? process.stdout : process.stderr).write(commandLine.output);
  process.exitCode = commandLine.exitCode;
} else if (commandLine.kind === 'restore') {
  const { restoreData } = await import('./restore-data.js');
  await restoreData(commandLine.request, commandLine.settings);
} else if (commandLine.kind === 'recover') {
  const { recoverData } = await import('./recover-data.js');
  await recoverData(commandLine.request, commandLine.settings);
} else {
  const { settings } = commandLine;
  if (settings.storage === 'sqlite' && settings.dataDir !== null) {
    // Most of a start is loading modules, and the worker's are loaded beside those of the node.
    prepareWorker({ dataDir: settings.dataDir });
  }
  const giveSignalsBack = endAtOnceOnSignals();
  const { runNode } = await loadNode();
  giveSignalsBack();
  letHeapDouble();
  await runNode(settings);
}
