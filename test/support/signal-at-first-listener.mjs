/** Loaded by `node --import`: sends the process SIGTERM as soon as it first handles that signal. */
process.once('newListener', function look(event) {
  if (event !== 'SIGTERM') {
    process.once('newListener', look);
    return;
  }
  process.nextTick(() => process.kill(process.pid, 'SIGTERM'));
});
