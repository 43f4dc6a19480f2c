// When the deployment does what is due by the clock: the triggers of wrangler.toml.

export const EVERY_MINUTE = '* * * * *';
export const EVERY_HOUR = '7 * * * *';
