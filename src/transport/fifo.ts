const compactAbove = 1024;

/** A queue whose operations cost the same however long it is; its owner bounds it. */
export class Fifo<T> {
  private items: T[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) {
      return undefined;
    }
    const item = this.items[this.head];
    this.head += 1;
    if (this.length === 0) {
      this.clear();
    } else if (this.head > compactAbove && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  clear(): void {
    this.items = [];
    this.head = 0;
  }
}
