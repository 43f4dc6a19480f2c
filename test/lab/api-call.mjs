// One call of Culvert's API from inside a host: METHOD URL [BODY]; the token is in CULVERT_TOKEN. Prints the answer's body.

const [method, url, body] = process.argv.slice(2);
const response = await fetch(url, {
  method,
  headers: { authorization: `Bearer ${process.env.CULVERT_TOKEN}`, 'content-type': 'application/json' },
  body,
});
const text = await response.text();
if (!response.ok) {
  process.stderr.write(`${response.status} ${text}\n`);
  process.exitCode = 1;
}
process.stdout.write(text);
