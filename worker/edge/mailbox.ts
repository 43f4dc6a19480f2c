// One task at a time, in order of arrival, and only so many of them: handlers interleave wherever one waits, IKE steps must not.

export interface MailboxLimits {
  readonly capacity: number;
  /** A task that takes longer is given up and the next begins. */
  readonly timeoutMs: number;
}

/** What a task is told when its time is over: it must change nothing any more. */
export interface TaskSignal {
  readonly givenUp: boolean;
}

export type Task = (signal: TaskSignal) => Promise<void>;

export class Mailbox {
  readonly #limits: MailboxLimits;
  readonly #failed: (thrown: unknown) => void;
  readonly #waiting: Task[] = [];
  #running: Promise<void> | null = null;

  /** @param failed is told what a task threw, and a TimeoutError for one that was given up. */
  constructor(limits: MailboxLimits, failed: (thrown: unknown) => void) {
    this.#limits = limits;
    this.#failed = failed;
  }

  /** @returns false when the mailbox is full and the task was not taken. */
  post(task: Task): boolean {
    if (this.#waiting.length >= this.#limits.capacity) return false;
    this.#waiting.push(task);
    this.#running ??= this.#run();
    return true;
  }

  /** Settles when nothing is left to do; never rejects. */
  get drained(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) {
      try {
        await this.#bounded(task);
      } catch (thrown) {
        this.#failed(thrown);
      }
    }
    this.#running = null;
  }

  async #bounded(task: Task): Promise<void> {
    const signal = { givenUp: false };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        signal.givenUp = true;
        reject(new DOMException('the step took too long', 'TimeoutError'));
      }, this.#limits.timeoutMs);
    });
    try {
      await Promise.race([task(signal), over]);
    } finally {
      clearTimeout(timer);
    }
  }
}
