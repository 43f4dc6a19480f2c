// Where a visitor goes on: a path of this console, whatever else a link may say.

export function ownPath(text: string): string {
  return /^\/(?![/\\])[^\s\\]*$/.test(text) ? text : '/';
}
