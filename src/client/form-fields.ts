/** The fields of a form as settings: which key a field stands for, and what it holds. */

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** Never kept, whatever it is called. */
const SECRET = new Set(['password', 'file', 'hidden', 'submit', 'button', 'image', 'reset'])

const isField = (target: EventTarget | null): target is Field =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement

/**
 * The key that a field stands for: what `data-coatcheck-key` says, otherwise its name, of `user[name]` the innermost. Null
 * for what is no field, has no name, or is never kept.
 */
export const keyOf = (target: EventTarget | null): string | null => {
  if (!isField(target) || SECRET.has(target.type)) return null
  const named = target.dataset.coatcheckKey ?? target.name.replace(/\[\]$/, '')
  return /\[([^[\]]+)\]$/.exec(named)?.[1] ?? (named || null)
}

/**
 * What a field holds, with those of the same name: a box alone true or false, several boxes and a select of several a list of
 * what is chosen, a number a number or null, anything else its text.
 */
export const fieldValue = (field: Field): unknown => {
  if (field instanceof HTMLSelectElement) {
    const chosen = [...field.selectedOptions].map(({ value }) => value)
    return field.multiple ? chosen : (chosen[0] ?? null)
  }
  if (field instanceof HTMLTextAreaElement) return field.value
  if (field.type === 'checkbox') {
    const all = [...(field.form?.elements ?? [field])].filter(
      (one): one is HTMLInputElement =>
        one instanceof HTMLInputElement && one.type === 'checkbox' && one.name === field.name,
    )
    return all.length > 1 || field.name.endsWith('[]')
      ? all.filter(({ checked }) => checked).map(({ value }) => value)
      : field.checked
  }
  if (field.type === 'number' || field.type === 'range') {
    return Number.isFinite(field.valueAsNumber) ? field.valueAsNumber : null
  }
  return field.value
}
