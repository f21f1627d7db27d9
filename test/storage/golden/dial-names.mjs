/**
 * Loaded by `node --import` into nodes whose addresses are names that nobody resolves: connections to a name and port of
 * GOLDEN_DIALS, a JSON object from `host:port` to `host:port`, go where it says. So stored members can be dialled whatever
 * ports are free; the program itself knows nothing of it.
 */
import net from 'node:net';

const dials = JSON.parse(process.env.GOLDEN_DIALS ?? '{}');
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function (port, host, ...rest) {
  const target = dials[`${host}:${port}`];
  if (target === undefined) {
    return connect.call(this, port, host, ...rest);
  }
  const [toHost, toPort] = target.split(':');
  return connect.call(this, Number(toPort), toHost, ...rest);
};
