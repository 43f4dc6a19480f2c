// The one alarm that an object has, for all who want to be woken: whoever wants it first is woken first, and the others look what is due then.

/** @param time ms. */
export async function wakeBy(storage: DurableObjectStorage, time: number): Promise<void> {
  const set = await storage.getAlarm();
  if (set === null || time < set) await storage.setAlarm(time);
}
