import { performance } from 'node:perf_hooks';
import { Injectable } from '@nestjs/common';
import { Clock } from '../ports/clock.port.js';

/** The clock of the process: it goes forward whatever happens to the calendar. */
@Injectable()
export class MonotonicClock extends Clock {
  override nowMs(): number {
    return performance.now();
  }
}
