// How pages look that come alone, without the console's assets.

export const STYLE = `:root {
  color-scheme: light dark;
  font: 1.0625rem/1.6 system-ui, sans-serif;
}
body {
  margin: 0;
  background: light-dark(#f7f7f5, #15171a);
  color: light-dark(#1c1d1f, #eceae6);
}
main {
  max-width: 38rem;
  margin: 0 auto;
  padding: 2rem 1.25rem;
}
h1 {
  font-size: 1.5rem;
  line-height: 1.25;
  overflow-wrap: anywhere;
}
li + li {
  margin-top: 0.5rem;
}
.button {
  display: inline-block;
  min-height: 44px;
  padding: 0.5rem 1.25rem;
  box-sizing: border-box;
  border-radius: 0.5rem;
  background: light-dark(#14532d, #4ade80);
  color: light-dark(#ffffff, #052e16);
  font-weight: 600;
  text-decoration: none;
}
.button:focus-visible {
  outline: 3px solid light-dark(#1d4ed8, #93c5fd);
  outline-offset: 3px;
}
pre {
  overflow-x: auto;
  padding: 0.75rem;
  font-size: 0.875rem;
  background: light-dark(#ecebe7, #1f2226);
}
:any-link {
  color: light-dark(#14532d, #4ade80);
}
.button:any-link {
  color: light-dark(#ffffff, #052e16);
}
.quiet {
  color: light-dark(#55565a, #a9a7a2);
}
`;
