// Tables: folded into cards on a phone, with a pager that is nothing but links.

import type { Child } from 'hono/jsx';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => Child;
  /** Numbers stand at the end. */
  readonly end?: boolean;
  /** The column that names the row. */
  readonly names?: boolean;
}

interface TableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  /** Value of each row's checkbox, and what it is called, where rows can be picked. */
  readonly pick?: {
    readonly form: string;
    readonly of: (row: T) => string;
    readonly called: (row: T) => string;
    readonly isPicked: (row: T) => boolean;
  };
  readonly rowId?: (row: T) => string;
  /** What is said when there is nothing. */
  readonly none?: string;
}

export function Table<T>({ caption, columns, rows, pick, rowId, none = 'Nothing yet.' }: TableProps<T>) {
  if (rows.length === 0) return <p class="pad soft">{none}</p>;
  return (
    <div class="scroll">
      <table class="table folds">
        <caption class="away">{caption}</caption>
        <thead>
          <tr>
            {pick && (
              <th scope="col" class="pick">
                <span class="away">Pick</span>
                <input type="checkbox" data-pick-all={pick.form} aria-label="Pick all on this page" hidden />
              </th>
            )}
            {columns.map(({ title, end }) => (
              <th scope="col" class={end ? 'end' : ''}>
                {title === '' ? <span class="away">What can be done</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr {...(rowId ? { 'data-row': rowId(row) } : {})}>
              {pick && (
                <td class="pick">
                  <input
                    type="checkbox"
                    name="pick"
                    value={pick.of(row)}
                    form={pick.form}
                    checked={pick.isPicked(row)}
                    aria-label={`Pick ${pick.called(row)}`}
                  />
                </td>
              )}
              {columns.map((column) => cellOf(column, row))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellOf<T>({ title, cell, end, names }: Column<T>, row: T) {
  if (names) return <th scope="row">{cell(row)}</th>;
  return (
    <td class={end ? 'end' : ''} data-label={title}>
      {cell(row)}
    </td>
  );
}

interface PagerProps {
  readonly shown: string;
  readonly first: string | null;
  readonly next: string | null;
}

/** @param first link to the first page when this is another one; `next` null at the end. */
export function Pager({ shown, first, next }: PagerProps) {
  return (
    <nav class="pager" aria-label="Pages">
      <span>{shown}</span>
      <span class="buttons">
        {first !== null && (
          <a class="button slim" href={first}>
            First page
          </a>
        )}
        {next !== null && (
          <a class="button slim" href={next} rel="next">
            Next page
          </a>
        )}
      </span>
    </nav>
  );
}
