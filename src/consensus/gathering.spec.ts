import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gathering } from './gathering.js';

let nowMs: number;
let waiting: number;
let handedOn: number[];
let works: (() => void)[];
let gathering: Gathering;

beforeEach(() => {
  nowMs = 1000;
  waiting = 0;
  handedOn = [];
  works = [];
  gathering = new Gathering({
    nowMs: () => nowMs,
    waiting: () => waiting,
    handOn: () => handedOn.push(waiting),
    nextTurn: (work) => works.push(work),
  });
});

function come(callers = 1): void {
  for (let caller = 0; caller < callers; caller += 1) {
    waiting += 1;
    gathering.add();
  }
}

/** The turn ends; what it asked for is done, and the next one begins. */
function endTurn(): void {
  works.splice(0).forEach((work) => {
    work();
  });
}

describe('Gathering', () => {
  it('hands on a caller who is alone at the end of the turn in which he came', () => {
    come();
    expect(handedOn).toEqual([]);
    endTurn();
    expect(handedOn).toEqual([1]);
  });

  it('waits for a turn that brings no further caller', () => {
    come(2);
    endTurn();
    come();
    endTurn();
    expect(handedOn).toEqual([]);
    endTurn();
    expect(handedOn).toEqual([3]);
  });

  it('waits for those who were answered and may come back', () => {
    come(3);
    endTurn();
    waiting -= 2;
    endTurn();
    expect(handedOn).toEqual([]);
    come(2);
    endTurn();
    endTurn();
    expect(handedOn).toEqual([3]);
  });

  it('is not misled by as many who come as are answered', () => {
    come();
    waiting -= 1;
    come();
    endTurn();
    expect(handedOn).toEqual([]);
    endTurn();
    expect(handedOn).toEqual([1]);
  });

  it('ends after 8 ms, however many come', () => {
    for (; handedOn.length === 0; nowMs += 1) {
      come(2);
      endTurn();
    }
    expect(nowMs).toBe(1009);
  });

  it('begins anew with the next caller, once for each end', () => {
    come();
    endTurn();
    expect(works).toEqual([]);
    come();
    endTurn();
    expect(handedOn).toEqual([1, 2]);
  });
});
