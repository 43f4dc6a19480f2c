// Form fields: label, hint, what was typed, and what is wrong with it, all tied together for whoever cannot see them side by side.

import type { Child } from 'hono/jsx';
import type { Typed } from '../form.ts';
import { Icon } from './icon.tsx';

interface FieldProps {
  readonly form: Typed;
  readonly name: string;
  readonly label: string;
  readonly hint?: Child;
  /** What stands there before anything was typed. */
  readonly initial?: string;
  readonly required?: boolean;
}

interface InputProps extends FieldProps {
  readonly type?: 'text' | 'email' | 'password' | 'number' | 'search' | 'date';
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly inputmode?: 'numeric' | 'email' | 'text';
  readonly spellcheck?: boolean;
  readonly autofocus?: boolean;
}

export function Input({
  type = 'text',
  autocomplete = 'off',
  placeholder,
  inputmode,
  autofocus,
  ...field
}: InputProps) {
  const typed = type === 'password' ? '' : field.form.value(field.name, field.initial);
  const more = { ...(placeholder ? { placeholder } : {}), ...(inputmode ? { inputmode } : {}) };
  return (
    <Framed {...field}>
      <input
        class="input"
        type={type}
        value={typed}
        autocomplete={autocomplete}
        spellcheck={false}
        autofocus={autofocus ?? false}
        {...more}
        {...attributesOf(field)}
      />
    </Framed>
  );
}

export function TextArea({ rows = 4, ...field }: FieldProps & { readonly rows?: number }) {
  return (
    <Framed {...field}>
      <textarea class="input" rows={rows} spellcheck={false} {...attributesOf(field)}>
        {field.form.value(field.name, field.initial)}
      </textarea>
    </Framed>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function Select({ options, ...field }: FieldProps & { readonly options: readonly Option[] }) {
  const chosen = field.form.value(field.name, field.initial);
  return (
    <Framed {...field}>
      <select class="input" {...attributesOf(field)}>
        {options.map(({ value, label }) => (
          <option value={value} selected={value === chosen}>
            {label}
          </option>
        ))}
      </select>
    </Framed>
  );
}

interface Choice extends Option {
  readonly hint?: string;
}

/** One of a few, all in sight. */
export function Radios({ choices, ...field }: FieldProps & { readonly choices: readonly Choice[] }) {
  const chosen = field.form.value(field.name, field.initial);
  return (
    <fieldset class="field" {...describedBy(field)}>
      <legend>{field.label}</legend>
      <Hint {...field} />
      <div>
        {choices.map(({ value, label, hint }) => (
          <label class="choice">
            <input type="radio" name={field.name} value={value} checked={value === chosen} />
            <span>
              {label}
              {hint && <span>{hint}</span>}
            </span>
          </label>
        ))}
      </div>
      <Wrong {...field} />
    </fieldset>
  );
}

export function Checkbox({ form, name, label, hint }: FieldProps) {
  return (
    <label class="choice">
      <input type="checkbox" name={name} value="yes" checked={form.value(name) === 'yes'} />
      <span>
        {label}
        {hint && <span>{hint}</span>}
      </span>
    </label>
  );
}

function Framed({ children, ...field }: FieldProps & { readonly children?: Child }) {
  return (
    <div class="field">
      <label for={idOf(field)}>{field.label}</label>
      <Hint {...field} />
      {children}
      <Wrong {...field} />
    </div>
  );
}

function Hint({ hint, ...field }: FieldProps) {
  return hint === undefined ? null : (
    <p class="hint" id={`${idOf(field)}-hint`}>
      {hint}
    </p>
  );
}

function Wrong(field: FieldProps) {
  const wrong = field.form.wrong(field.name);
  return wrong === null ? null : (
    <p class="wrong" id={`${idOf(field)}-wrong`}>
      <Icon name="alert" size={16} />
      <span>
        {wrong.message} {wrong.next}
      </span>
    </p>
  );
}

function idOf({ form, name }: Pick<FieldProps, 'form' | 'name'>): string {
  return `${form.id}-${name}`;
}

function attributesOf(field: FieldProps): Record<string, string | boolean> {
  return {
    id: idOf(field),
    name: field.name,
    ...(field.required ? { required: true } : {}),
    ...(field.form.wrong(field.name) ? { 'aria-invalid': 'true' } : {}),
    ...describedBy(field),
  };
}

function describedBy(field: FieldProps): Record<string, string> {
  const parts = [
    ...(field.hint === undefined ? [] : [`${idOf(field)}-hint`]),
    ...(field.form.wrong(field.name) ? [`${idOf(field)}-wrong`] : []),
  ];
  return parts.length === 0 ? {} : { 'aria-describedby': parts.join(' ') };
}
